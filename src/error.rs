//! The one mapping from what went wrong to what a client is told.
//!
//! In: a stage's own error enum. Out: a [`MysqlError`], the code, SQLSTATE and
//! message of an ERR packet. Each stage has one `thiserror` enum that implements
//! [`StageError`]; [`ErrorKind`] is the single table of codes, taken from MySQL's
//! server error reference
//! (<https://dev.mysql.com/doc/mysql-errors/9.4/en/server-error-reference.html>).

use std::fmt;

const STALE: &str =
    "the statement was planned for servers that are no longer configured; run it again";

/// The five characters of an SQLSTATE value.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SqlState(pub [u8; 5]);

impl SqlState {
    /// `HY000`, the state of errors without a more precise class.
    pub const GENERAL: Self = Self(*b"HY000");

    /// The state as text; bytes outside ASCII (a lying server) become `?`.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("?????")
    }
}

impl fmt::Debug for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error exactly as it travels in an ERR packet.
///
/// The message is bytes: a backend's message is in the session's
/// `character_set_results` and need not be UTF-8.
#[derive(Clone, PartialEq, Eq)]
pub struct MysqlError {
    /// MySQL's error number, for instance 1064.
    pub code: u16,
    /// The SQLSTATE that goes with it.
    pub state: SqlState,
    /// The text for the user.
    pub message: Vec<u8>,
}

impl MysqlError {
    /// An error of this kind with a message of our own.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let (code, state) = kind.code();
        Self {
            code,
            state: SqlState(*state),
            message: message.into().into_bytes(),
        }
    }

    /// KILL QUERY has ended the statement.
    pub fn interrupted() -> Self {
        Self::new(
            ErrorKind::QueryInterrupted,
            "Query execution was interrupted",
        )
    }

    /// The statement was ended because its time was up.
    pub fn overdue() -> Self {
        Self::new(
            ErrorKind::QueryTimeout,
            "Query execution was interrupted, maximum statement execution time exceeded",
        )
    }

    /// MySQL's words for who takes more than `most` of something.
    pub fn exceeded(user: &str, what: &str, most: u64) -> Self {
        Self::new(
            ErrorKind::UserLimitReached,
            format!("User '{user}' has exceeded the '{what}' resource (current value: {most})"),
        )
    }

    /// Whether it is the error of a statement that was killed.
    pub fn is_interruption(&self) -> bool {
        self.code == ErrorKind::QueryInterrupted.code().0
    }

    /// The statement was planned for a topology that is no longer.
    pub fn stale() -> Self {
        Self::new(ErrorKind::Internal, STALE)
    }
}

impl fmt::Display for MysqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ERROR {} ({}): {}",
            self.code,
            self.state.as_str(),
            String::from_utf8_lossy(&self.message)
        )
    }
}

impl fmt::Debug for MysqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for MysqlError {}

/// What a stage's error enum must tell about itself.
pub trait StageError: std::error::Error {
    /// The class of the error, which fixes its code and SQLSTATE.
    fn kind(&self) -> ErrorKind;

    /// Whether the same statement may be sent again without risk: true only
    /// where it is certain that no server executed anything.
    fn retryable(&self) -> bool {
        false
    }

    /// What the client sees. The message must hold no physical names and no secrets.
    fn to_mysql(&self) -> MysqlError {
        MysqlError::new(self.kind(), self.to_string())
    }
}

macro_rules! error_kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $state:literal;)*) => {
        /// Every class of error that the proxy itself raises.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorKind { $($(#[$doc])* $name,)* }

        impl ErrorKind {
            /// MySQL's error number and SQLSTATE.
            pub const fn code(self) -> (u16, &'static [u8; 5]) {
                match self { $(Self::$name => ($code, $state),)* }
            }
        }
    };
}

error_kinds! {
    /// ER_DB_DROP_EXISTS.
    NoSuchDatabase = 1008, b"HY000";
    /// ER_OUT_OF_SORTMEMORY: a merge would hold more than its budget.
    OutOfSortMemory = 1038, b"HY001";
    /// ER_CON_COUNT_ERROR: no room for another client, or no backend connection in time.
    TooManyConnections = 1040, b"08004";
    /// ER_HANDSHAKE_ERROR: the peer does not speak the protocol.
    BadHandshake = 1043, b"08S01";
    /// ER_DBACCESS_DENIED_ERROR.
    SchemaAccessDenied = 1044, b"42000";
    /// ER_ACCESS_DENIED_ERROR.
    AccessDenied = 1045, b"28000";
    /// ER_NO_DB_ERROR.
    NoSchemaSelected = 1046, b"3D000";
    /// ER_UNKNOWN_COM_ERROR.
    UnknownCommand = 1047, b"08S01";
    /// ER_BAD_NULL_ERROR.
    NullNotAllowed = 1048, b"23000";
    /// ER_BAD_DB_ERROR.
    UnknownSchema = 1049, b"42000";
    /// ER_BAD_TABLE_ERROR.
    UnknownTable = 1051, b"42S02";
    /// ER_SERVER_SHUTDOWN.
    ServerShutdown = 1053, b"08S01";
    /// ER_BAD_FIELD_ERROR.
    UnknownColumn = 1054, b"42S22";
    /// ER_WRONG_FIELD_WITH_GROUP.
    NotGrouped = 1055, b"42000";
    /// ER_PARSE_ERROR.
    Syntax = 1064, b"42000";
    /// ER_EMPTY_QUERY.
    EmptyQuery = 1065, b"42000";
    /// ER_NO_SUCH_THREAD.
    NoSuchThread = 1094, b"HY000";
    /// ER_KILL_DENIED_ERROR.
    KillDenied = 1095, b"HY000";
    /// ER_TABLE_NOT_LOCKED.
    TableNotLocked = 1100, b"HY000";
    /// ER_UNKNOWN_ERROR.
    Internal = 1105, b"HY000";
    /// ER_WRONG_VALUE_COUNT_ON_ROW.
    WrongValueCount = 1136, b"21S01";
    /// ER_WRONG_FIELD_TERMINATORS.
    WrongSeparator = 1083, b"42000";
    /// ER_NO_SUCH_TABLE.
    NoSuchTable = 1146, b"42S02";
    /// ER_NET_PACKET_TOO_LARGE.
    PacketTooLarge = 1153, b"08S01";
    /// ER_NET_PACKETS_OUT_OF_ORDER.
    PacketsOutOfOrder = 1156, b"08S01";
    /// ER_NET_READ_INTERRUPTED.
    ReadTimeout = 1159, b"08S01";
    /// ER_LOCK_OR_ACTIVE_TRANSACTION.
    LockOrActiveTransaction = 1192, b"HY000";
    /// ER_UNKNOWN_SYSTEM_VARIABLE.
    UnknownVariable = 1193, b"HY000";
    /// ER_WRONG_ARGUMENTS: a hint for the proxy that it cannot follow.
    WrongArguments = 1210, b"HY000";
    /// ER_SP_DOES_NOT_EXIST, which MySQL also uses for savepoints.
    DoesNotExist = 1305, b"42000";
    /// ER_LOCK_WAIT_TIMEOUT.
    LockWaitTimeout = 1205, b"HY000";
    /// ER_UPDATE_WITHOUT_KEY_IN_SAFE_MODE.
    UpdateWithoutKey = 1175, b"HY000";
    /// ER_SUBQUERY_NO_1_ROW.
    SubqueryNotOneRow = 1242, b"21000";
    /// ER_SPECIFIC_ACCESS_DENIED_ERROR.
    PrivilegeMissing = 1227, b"42000";
    /// ER_WRONG_VALUE_FOR_VAR.
    WrongValueForVariable = 1231, b"42000";
    /// ER_NOT_SUPPORTED_YET: valid SQL that this proxy cannot answer exactly.
    NotSupportedYet = 1235, b"42000";
    /// ER_USER_LIMIT_REACHED.
    UserLimitReached = 1226, b"42000";
    /// ER_TOO_MANY_USER_CONNECTIONS.
    TooManyUserConnections = 1203, b"42000";
    /// ER_UNKNOWN_STMT_HANDLER.
    UnknownStatement = 1243, b"HY000";
    /// ER_NOT_SUPPORTED_AUTH_MODE.
    AuthModeNotSupported = 1251, b"08004";
    /// ER_WARN_TOO_FEW_RECORDS: a row without its sharding key.
    TooFewFields = 1261, b"01000";
    /// ER_WARN_DATA_OUT_OF_RANGE.
    OutOfRange = 1264, b"22003";
    /// ER_TRUNCATED_WRONG_VALUE: no date.
    WrongDate = 1292, b"22007";
    /// ER_UNSUPPORTED_PS.
    NotPreparable = 1295, b"HY000";
    /// ER_INVALID_CHARACTER_STRING.
    InvalidCharacters = 1300, b"HY000";
    /// ER_QUERY_INTERRUPTED.
    QueryInterrupted = 1317, b"70100";
    /// ER_TRUNCATED_WRONG_VALUE_FOR_FIELD.
    WrongValue = 1366, b"HY000";
    /// ER_STMT_HAS_NO_OPEN_CURSOR.
    NoOpenCursor = 1421, b"HY000";
    /// ER_AUTOINC_READ_FAILED: no id for a new row.
    NoId = 1467, b"HY000";
    /// ER_DATA_TOO_LONG.
    DataTooLong = 1406, b"22001";
    /// ER_WRONG_VALUE_FOR_TYPE.
    WrongValueForType = 1411, b"HY000";
    /// ER_MAX_PREPARED_STMT_COUNT_REACHED.
    TooManyStatements = 1461, b"42000";
    /// ER_NO_PARTITION_FOR_GIVEN_VALUE: a sharding key for which there is no shard.
    NoPlaceForValue = 1526, b"HY000";
    /// ER_DATA_OUT_OF_RANGE: a computed number that its type cannot hold.
    NumericOutOfRange = 1690, b"22003";
    /// ER_MALFORMED_PACKET.
    MalformedPacket = 1835, b"HY000";
    /// ER_INVALID_ROLE, which MariaDB has.
    InvalidRole = 1959, b"OP000";
    /// CR_CONN_HOST_ERROR: no connection to a server that the statement needs.
    BackendUnavailable = 2003, b"HY000";
    /// CR_SERVER_LOST: the server went away while it worked on the statement.
    BackendLost = 2013, b"HY000";
    /// ER_QUERY_TIMEOUT.
    QueryTimeout = 3024, b"HY000";
    /// ER_SECURE_TRANSPORT_REQUIRED.
    SecureTransportRequired = 3159, b"HY000";
    /// ER_ROLE_NOT_GRANTED.
    RoleNotGranted = 3530, b"HY000";
    /// ER_CANT_CHANGE_TX_CHARACTERISTICS.
    TransactionInProgress = 1568, b"25001";
    /// ER_CLIENT_LOCAL_FILES_DISABLED.
    LocalFilesDisabled = 3948, b"42000";
    /// ER_CLIENT_INTERACTION_TIMEOUT.
    ClientTimeout = 4031, b"HY000";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_shows_its_code_state_and_message() {
        let error = MysqlError::new(ErrorKind::Syntax, "near 'x'");
        assert_eq!(error.to_string(), "ERROR 1064 (42000): near 'x'");
    }
}
