"""Adminer, as a browser uses it: logs in, lists, browses, searches, edits, exports, defines.

The first argument is Adminer's one PHP file, served by PHP's own web server. Reads MYSQL_HOST, MYSQL_PORT,
MYSQL_USER, MYSQL_PASSWORD and MYSQL_DB.
"""

import html
import http.cookiejar
import os
import re
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

SERVER = f"{os.environ['MYSQL_HOST']}:{os.environ['MYSQL_PORT']}"
USER, DB = os.environ["MYSQL_USER"], os.environ["MYSQL_DB"]


class Browser:
    def __init__(self, address):
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)
        self.address, self.token = address, ""

    def page(self, query, form=None, expect="", error=None):
        """Opens a page, or sends a form; `expect` must be in it, and no error but the one named."""
        data = urllib.parse.urlencode({**form, "token": self.token}).encode() if form else None
        with self.opener.open(f"{self.address}?{query}", data, timeout=60) as answer:
            text = answer.read().decode()
        token = re.search(r'name="token" value="([^"]*)"', text)
        self.token = token.group(1) if token else self.token
        errors = re.findall(r"(?s)<(?:p|div) class=['\"]error['\"]>(.*?)</(?:p|div)>", text)
        errors = [html.unescape(re.sub("<[^>]+>", "", found)).strip() for found in errors]
        errors = [found for found in errors if "No tables" not in found]
        if error:
            assert errors and error in errors[0], f"{query}: {errors} instead of {error}"
        else:
            assert not errors, f"{query}: {errors}"
        assert expect in text, f"{query}: no {expect!r}"
        return text


def use(browser):
    own = f"server={urllib.parse.quote(SERVER)}&username={USER}"
    db = f"{own}&db={DB}"
    people = {"id": 5, "name": "five", "active": 1}
    browser.page("", {"auth[driver]": "server", "auth[server]": SERVER, "auth[username]": USER,
                      "auth[password]": os.environ["MYSQL_PASSWORD"], "auth[db]": ""}, expect=DB)
    for query in ["refresh=1", "dbsize=1", "processlist=", "variables=", "status=", "dump=", "sql="]:
        browser.page(f"{own}&{query}")
    for query in ["", "schema=", "sql=", "dump=", "script=db", "create=", "view=", "privileges="]:
        browser.page(f"{db}&{query}")
    values = ", ".join(f"({n}, 'name {n}', {n}.5)" for n in range(1, 121))
    browser.page(f"{db}&sql=", {"query": f"INSERT INTO people (id, name, balance) VALUES {values}; INSERT INTO notes (title) VALUES ('t')"})
    for table in ["people", "pets", "notes"]:
        for what in ["table", "select", "create", "indexes", "edit", "dump", "foreign"]:
            browser.page(f"{db}&{what}={table}")
    where = "where%5B0%5D%5Bcol%5D=name&where%5B0%5D%5Bop%5D=LIKE+%25%25&where%5B0%5D%5Bval%5D=name+11"
    found = browser.page(f"{db}&select=people&{where}&order%5B0%5D=name&limit=5", expect="name 110")
    assert "name 12<" not in found
    browser.page(f"{db}&select=people&limit=10&page=last")
    browser.page(f"{db}&select=people", {"val[&where%5Bid%5D=5][name]": "five", "save": "Save"}, expect="")
    browser.page(f"{db}&edit=people&where%5Bid%5D=5", expect="name 5")
    form = {f"fields[{name}]": value for name, value in people.items()}
    form |= {f"function[{name}]": "NULL" for name in ["balance", "born", "seen", "profile", "visits", "score"]}
    browser.page(f"{db}&edit=people&where%5Bid%5D=5", form)
    browser.page(f"{db}&select=people&where%5B0%5D%5Bcol%5D=id&where%5B0%5D%5Bop%5D=%3D&where%5B0%5D%5Bval%5D=5", expect="five")
    browser.page(f"{db}&select=people", {"check[]": "where%5Bid%5D=6", "delete": "Delete"})
    browser.page(f"{db}&sql=", {"query": "SELECT COUNT(*) FROM people; SELECT SUM(id) FROM people"}, expect="119")
    browser.page(f"{db}&sql=", {"query": "SELECT nothing FROM people"}, error="1054")
    dump = {"output": "text", "format": "sql", "db_style": "", "table_style": "DROP+CREATE", "data_style": "INSERT",
            "tables[]": "people", "data[]": "people"}
    text = browser.page(f"{db}&dump=", dump, expect="CREATE TABLE `people`")
    assert text.count("name 1") >= 10 and not re.search(rf"{DB}_\d", text)
    browser.page(f"{db}&dump=", {**dump, "format": "csv"}, expect="name 119")
    for what in ["analyze", "optimize", "check"]:
        browser.page(db, {"tables[]": "people", what: what})
    table = {"name": "made", "Engine": "InnoDB", "Collation": "", "Comment": "", "auto_increment_col": 1}
    for at, (name, kind, length) in enumerate([("id", "int", ""), ("t", "varchar", "20")], 1):
        table |= {f"fields[{at}][field]": name, f"fields[{at}][type]": kind, f"fields[{at}][length]": length,
                  f"fields[{at}][orig]": ""}
    browser.page(f"{db}&create=", table)
    table |= {"fields[1][orig]": "id", "fields[2][orig]": "t", "fields[2][length]": "40"}
    browser.page(f"{db}&create=made", table)
    browser.page(f"{db}&view=", {"name": "v1", "select": "SELECT id FROM made"})
    browser.page(f"{db}&view=v1", expect="made")
    browser.page(f"{db}&select=v1")
    browser.page(db, {"tables[]": "made", "truncate": "Truncate"})
    browser.page(db, {"tables[]": "made", "views[]": "v1", "drop": "Drop"})
    browser.page(f"{own}&processlist=", {"kill[]": "99999999"}, error="Unknown thread id")


def main():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    program = sys.argv[1]
    command = ["php", "-S", f"127.0.0.1:{port}", "-t", os.path.dirname(program)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        use(Browser(f"http://127.0.0.1:{port}/{os.path.basename(program)}"))
    finally:
        server.terminate()
        server.wait()
    print("ok")


main()
