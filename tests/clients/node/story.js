// What the Node clients write and expect to read back.

const env = process.env;

exports.connection = {
  host: env.MYSQL_HOST,
  port: Number(env.MYSQL_PORT),
  user: env.MYSQL_USER,
  password: env.MYSQL_PASSWORD,
  database: env.MYSQL_DB,
};
exports.NAME = 'Zoë \'the \\ "q" 🎈\'\n';
exports.BALANCE = '12345678901234.567890';
exports.BORN = '1990-12-31';
exports.SEEN = '2026-01-02 03:04:05.678901';
exports.PHOTO = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, i) => i)), Buffer.from("'\\\r\n\x1a")]);
exports.PROFILE = { tags: ['é', '🎈'], depth: { n: 1 } };
exports.VISITS = '18446744073709551615';
exports.SCORE = 0.1;
exports.OTHERS = Array.from({ length: 29 }, (_, i) => i + 2);

// A version as its package says it.
exports.version = (name) => {
  const path = require('node:path');
  for (let folder = path.dirname(require.resolve(name)); ; folder = path.dirname(folder)) {
    try {
      const said = require(path.join(folder, 'package.json'));
      if (said.name === name && said.version) return `${name} ${said.version}`;
    } catch {
      if (folder === path.dirname(folder)) throw new Error(`no package.json of ${name}`);
    }
  }
};

// Runs the story and tells the version; sockets and pools that are still open don't keep it.
exports.run = (story, ...names) =>
  story().then(
    () => {
      console.log(`version: ${names.map(exports.version).join(', ')}`);
      process.exit(0);
    },
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
