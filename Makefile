# Everything that needs a real database server obtains one first (scripts/get-server).
# SERVER=mariadb takes MariaDB instead of MySQL.

SERVER ?= mysql

.PHONY: help demo test traces bench release clients fuzz check

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  SERVER=mariadb make test, SERVER=mariadb make demo: with MariaDB instead of MySQL"
	@echo "  make bench ARGS=--help: what can be varied"

demo: cargo ## Start a sharded shop on real servers, with the proxy in front
	@server="$$(scripts/get-server $(SERVER))" && \
	cargo run --release --locked -- demo --mysqld "$$server"

test: cargo ## Run all tests, those against real servers too
	@server="$$(scripts/get-server $(SERVER))" && \
	SHARDWELL_MYSQLD="$$server" scripts/test --locked

traces: cargo ## Lints and tests of the feature otlp
	cargo clippy --locked --all-targets --features otlp -- -D warnings
	@server="$$(scripts/get-server $(SERVER))" && \
	SHARDWELL_MYSQLD="$$server" scripts/test --locked --features otlp --test traces
	cargo test --locked --features otlp --lib -- config:: traces::

bench: cargo ## Measure what the proxy costs, beside a direct connection and HAProxy
	cargo build --release --locked
	scripts/bench $(ARGS)

release: cargo ## Build the proxy as it runs fastest, with a profile of its own load
	scripts/release

clients: cargo ## Run real clients on plain MySQL and through the proxy (docs/clients.md)
	@SERVER=$(SERVER) tests/clients/run

fuzz: cargo ## Fuzz every decoder of outside bytes (SECONDS=60 for each)
	scripts/fuzz $(or $(SECONDS),60)

check: cargo ## Formatting, lints and documentation, all without warnings
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	CUSTOM_LIBFUZZER_PATH=fuzz/libfuzzer.a cargo clippy --locked --manifest-path fuzz/Cargo.toml --target-dir target -- -D warnings # checks only: nothing is linked
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

.PHONY: cargo
cargo:
	@command -v cargo >/dev/null || { \
	    echo "error: cargo is not on PATH." >&2; \
	    echo "       Install Rust $$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or newer with rustup, open a new shell, and run this again." >&2; \
	    exit 1; }
