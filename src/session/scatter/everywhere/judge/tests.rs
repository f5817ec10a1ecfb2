use super::*;
use crate::error::SqlState;
use crate::execute::scatter::Said;

fn refused(code: u16) -> Answer {
    let error = MysqlError {
        code,
        state: SqlState::GENERAL,
        message: b"no".to_vec(),
    };
    Some(Err(Unsaid { error, lost: false }))
}

fn noted(code: &str) -> Answer {
    let cells = ["Note", code, "exists"].map(|cell| Some(cell.as_bytes().to_vec()));
    Some(Ok(Said {
        conditions: vec![cells.to_vec()],
        ..Said::default()
    }))
}

fn done() -> Answer {
    Some(Ok(Said::default()))
}

#[test]
fn errors_of_what_was_done_before_are_told_from_others() {
    let create = Deed::CreateTable { lenient: false };
    let lenient = Deed::CreateTable { lenient: true };
    let cases = [
        (create, vec![done(), done()], First::Done),
        (create, vec![refused(1050), refused(1050)], First::Failed),
        (create, vec![done(), refused(1050)], First::Compare),
        (create, vec![done(), refused(1005)], First::Failed),
        (create, vec![refused(1050), refused(1005)], First::Failed),
        (lenient, vec![noted("1050"), noted("1050")], First::Done),
        (lenient, vec![noted("1050"), done()], First::Compare),
        (Deed::Drop, vec![done(), refused(1051)], First::DropRest),
        (
            Deed::Drop,
            vec![refused(1051), refused(1051)],
            First::Failed,
        ),
        (
            Deed::CreateDatabase,
            vec![done(), refused(1007)],
            First::Done,
        ),
        (
            Deed::DropDatabase,
            vec![refused(1008), refused(1008)],
            First::Failed,
        ),
        (Deed::Rename, vec![done(), refused(1146)], First::Compare),
        (Deed::Truncate, vec![done(), refused(1146)], First::Failed),
        (Deed::Alter, vec![None, done()], First::Done),
        (Deed::Alter, vec![done(), refused(1060)], First::Failed),
    ];
    for (deed, answers, expected) in cases {
        assert_eq!(judge(deed, &answers), expected, "{deed:?} {answers:?}");
    }
}

#[test]
fn an_error_names_the_nodes_unless_all_say_the_same() {
    let error = |code, message: &str| MysqlError {
        code,
        state: SqlState::GENERAL,
        message: message.as_bytes().to_vec(),
    };
    let all = [(
        error(1050, "Table 't' already exists"),
        false,
        vec!["a", "b"],
    )];
    assert_eq!(told(&all, &[]).message, b"Table 't' already exists");
    let some = [
        (error(1205, "Lock wait timeout"), false, vec!["b"]),
        (error(2013, "Lost connection"), true, vec!["c"]),
    ];
    let error = told(&some, &["a"]);
    assert_eq!(error.code, 1205);
    assert_eq!(
        String::from_utf8_lossy(&error.message),
        "Lock wait timeout (on b; on c: ERROR 2013 (HY000): Lost connection; done on a; whether it ran on \
         a server that was lost is not known; run the statement again when the cause is gone)"
    );
}
