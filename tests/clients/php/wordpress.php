<?php // WordPress: installs it into an empty schema, writes a small blog and reads it back in many ways.
// Arguments: the folder of WordPress; then what to do, none for all of it. What the blog shows is
// compared with wordpress.txt beside this file.

const BLOG = 'http://blog.test';
[, $folder] = $argv;

if (!isset($argv[2])) {
    $php = [PHP_BINARY, '-d', 'error_reporting=' . (E_ALL & ~E_DEPRECATED), __FILE__, $folder];
    run([...$php, 'install']);
    $shown = run([...$php, 'use']);
    echo array_shift($shown), "\n";
    $expected = file(__DIR__ . '/wordpress.txt', FILE_IGNORE_NEW_LINES);
    foreach ($shown as $line => $text) {
        if ($text !== ($expected[$line] ?? null)) {
            fail("line $line of what the blog shows", $text, $expected[$line] ?? 'nothing');
        }
    }
    if (count($shown) < count($expected)) {
        fail('the end of what the blog shows', 'nothing', $expected[count($shown)]);
    }
    exit(0);
}

function fail(string $what, string $found, string $expected): never
{
    fwrite(STDERR, "FAILED: $what: $found, expected $expected\n");
    exit(1);
}

/** What a command prints, in lines. */
function run(array $command): array
{
    exec(implode(' ', array_map('escapeshellarg', $command)) . ' 2>&1', $lines, $code);
    if ($code !== 0) {
        fail($command[array_key_last($command)], implode("\n", array_slice($lines, -5)), 'success');
    }
    return $lines;
}

$_SERVER += ['HTTP_HOST' => 'blog.test', 'SERVER_NAME' => 'blog.test', 'SERVER_PROTOCOL' => 'HTTP/1.1', 'REMOTE_ADDR' => '127.0.0.1'];
$_SERVER['REQUEST_METHOD'] = 'GET';
define('ABSPATH', "$folder/");
define('DB_NAME', getenv('MYSQL_DB'));
define('DB_USER', getenv('MYSQL_USER'));
define('DB_PASSWORD', getenv('MYSQL_PASSWORD'));
define('DB_HOST', getenv('MYSQL_HOST') . ':' . getenv('MYSQL_PORT'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define("{$name}_KEY", $name);
    define("{$name}_SALT", $name);
}
define('WP_HOME', BLOG);
define('WP_SITEURL', BLOG);
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
if ($argv[2] === 'install') {
    define('WP_INSTALLING', true);
}
$table_prefix = 'wp_';

function wp_mail(...$mail): bool
{
    return true;
}

require ABSPATH . 'wp-settings.php';
$wpdb->show_errors();
if ($argv[2] === 'install') {
    require ABSPATH . 'wp-admin/includes/upgrade.php';
    wp_install('Blog', 'admin', 'admin@blog.test', true, '', 'secret');
} else {
    // The export sends headers.
    ob_start();
    echo "version: WordPress $wp_version\n";
    $written = write();
    read($written);
    count_all();
    keep();
}

/** Users, categories and posts with tags, meta data and comments; some are changed, one is gone. */
function write(): array
{
    for ($i = 0; $i < 5; $i++) {
        $login = ['user_login' => "u$i", 'user_pass' => 'x', 'user_email' => "u$i@blog.test"];
        $users[] = wp_insert_user($login + ['role' => $i % 2 ? 'author' : 'editor']);
    }
    foreach (['News', 'Sport', 'Ünïcode'] as $name) {
        $categories[] = wp_insert_term($name, 'category')['term_id'];
    }
    for ($i = 0; $i < 30; $i++) {
        $posts[] = wp_insert_post([
            'post_title' => "Title $i",
            'post_content' => 'Text ' . $i % 7 . ' wörd 🎈',
            'post_status' => $i % 5 ? 'publish' : 'draft',
            'post_author' => $users[$i % 5],
            'post_category' => [$categories[$i % 3]],
            'tags_input' => ['t' . $i % 4, 'all'],
            'post_date' => sprintf('2026-01-%02d 10:00:00', $i % 28 + 1),
            'meta_input' => ['colour' => ['red', 'blue', 'green'][$i % 3], 'n' => $i],
        ]);
    }
    foreach ($posts as $i => $post) {
        for ($k = 0; $k < $i % 3; $k++) {
            $comment = ['comment_post_ID' => $post, 'comment_author' => "c$k", 'comment_approved' => 1];
            $date = sprintf('2026-02-%02d 0%d:00:00', $i % 28 + 1, $k);
            wp_insert_comment($comment + ['comment_content' => "hello $k $i", 'comment_date' => $date]);
        }
    }
    foreach ($posts as $i => $post) {
        $i % 6 ?: wp_update_post(['ID' => $post, 'post_title' => "Changed $i"]);
        $i % 7 ?: update_post_meta($post, 'colour', 'black');
        $i % 11 ?: wp_trash_post($post);
    }
    wp_delete_post($posts[3], true);
    return [$users, $categories, $posts];
}

/** What the pages of a theme ask for. */
function read(array $written): void
{
    [$users, $categories, $posts] = $written;
    $between = ['key' => 'n', 'value' => [3, 9], 'compare' => 'BETWEEN', 'type' => 'NUMERIC'];
    $sections = ['taxonomy' => 'category', 'field' => 'slug', 'terms' => ['news', 'sport'], 'operator' => 'IN'];
    $no_tag = ['taxonomy' => 'post_tag', 'field' => 'slug', 'terms' => 't2', 'operator' => 'NOT IN'];
    $queries = [
        ['posts_per_page' => 5, 'paged' => 2, 'orderby' => 'date title'],
        ['cat' => $categories[1], 'posts_per_page' => 4],
        ['tag' => 't1', 'orderby' => 'date title'],
        ['s' => 'Text 3', 'orderby' => 'title'],
        ['meta_key' => 'colour', 'meta_value' => 'red', 'orderby' => 'title', 'order' => 'ASC'],
        ['meta_key' => 'n', 'orderby' => 'meta_value_num', 'order' => 'DESC', 'posts_per_page' => 7],
        ['meta_query' => ['relation' => 'OR', ['key' => 'colour', 'value' => 'black'], $between], 'orderby' => 'title'],
        ['author' => $users[2], 'post_status' => 'any', 'orderby' => 'title'],
        ['tax_query' => [$sections, $no_tag], 'orderby' => 'title', 'posts_per_page' => 20],
        ['year' => 2026, 'monthnum' => 1, 'orderby' => 'comment_count title', 'posts_per_page' => 6],
        ['orderby' => ['comment_count' => 'DESC', 'title' => 'ASC'], 'posts_per_page' => 8],
    ];
    foreach ($queries as $number => $asked) {
        $query = new WP_Query($asked);
        $shown = fn($post) => $post->post_title . '/' . get_post_meta($post->ID, 'colour', true) . '/' . $post->comment_count;
        echo "query $number: $query->found_posts on $query->max_num_pages pages: ", implode(' ', array_map($shown, $query->posts)), "\n";
    }
    $latest = get_comments(['post__in' => $posts, 'orderby' => 'comment_date', 'number' => 6]);
    $of_post = get_comments(['post_id' => $posts[5], 'orderby' => 'comment_date']);
    foreach ([$latest, $of_post] as $comments) {
        echo 'comments: ', implode(', ', array_column($comments, 'comment_content')), "\n";
    }
    echo 'comments found: ', get_comments(['search' => 'hello 1', 'count' => true]), "\n";
    foreach (['category', 'post_tag'] as $taxonomy) {
        foreach (get_terms(['taxonomy' => $taxonomy, 'hide_empty' => false, 'orderby' => 'name']) as $term) {
            echo "$taxonomy $term->name: $term->count\n";
        }
    }
    $authors = new WP_User_Query(['role' => 'author', 'orderby' => 'login']);
    echo 'authors: ', $authors->get_total(), ' ', implode(' ', array_column($authors->get_results(), 'user_login')), "\n";
}

/** What the administration's pages count. */
function count_all(): void
{
    global $wpdb;
    echo 'posts: ', json_encode(wp_count_posts()), "\n";
    echo 'comments: ', json_encode(wp_count_comments()), "\n";
    echo 'users: ', json_encode(count_users()), "\n";
    $archives = strip_tags(wp_get_archives(['echo' => 0, 'show_post_count' => true]));
    echo 'archives: ', implode(' ', preg_grep('/January 2026/', explode("\n", $archives))), "\n";
    $status = $wpdb->get_results("SELECT post_status, COUNT(*) AS n FROM $wpdb->posts GROUP BY post_status ORDER BY 1");
    echo 'status: ', json_encode($status), "\n";
}

/** Options, transients, and the export of everything. */
function keep(): void
{
    set_transient('passing', ['a' => 1], 100);
    echo 'transient: ', json_encode(get_transient('passing')), "\n";
    update_option('long', str_repeat('é', 1000));
    echo 'option: ', strlen(get_option('long')), "\n";
    delete_option('long');
    require_once ABSPATH . 'wp-admin/includes/export.php';
    ob_start();
    export_wp(['content' => 'all']);
    echo 'exported: ', substr_count(ob_get_clean(), '<item>'), "\n";
}
