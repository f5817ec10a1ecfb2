# Build: everything from Cargo.lock. Run: the one binary, without root.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# cargo features besides the default ones: docker build --build-arg FEATURES=otlp .
ARG FEATURES=""
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin shardwell --features "$FEATURES" \
    && strip --strip-debug -o /shardwell target/release/shardwell

FROM debian:bookworm-slim
RUN useradd --system --no-create-home --uid 10001 shardwell
COPY --from=build /shardwell /usr/local/bin/shardwell
USER shardwell
EXPOSE 3307 9307
# A client is greeted as soon as it connects; one byte of that greeting shows a living listener.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/3307 && [ \"$(head -c 1 <&3 | wc -c)\" = 1 ]"]
ENTRYPOINT ["shardwell"]
CMD ["serve", "--config", "/etc/shardwell/shardwell.toml"]
