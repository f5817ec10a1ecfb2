//! Reads from the servers what the topology needs: which tables there are, and where, and the
//! columns of tables that have a rule.

