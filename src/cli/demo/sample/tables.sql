CREATE TABLE users (
    user_id    BIGINT NOT NULL,
    name       VARCHAR(80) NOT NULL,
    email      VARCHAR(120) NOT NULL,
    region_id  BIGINT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (user_id),
    KEY email (email)
) DEFAULT CHARSET = utf8mb4;

CREATE TABLE orders (
    order_id   BIGINT NOT NULL,
    user_id    BIGINT NOT NULL,
    status     ENUM('new', 'paid', 'sent', 'returned') NOT NULL,
    total      DECIMAL(12, 2) NOT NULL,
    note       VARCHAR(200) NULL,
    ordered_at DATETIME(6) NOT NULL,
    PRIMARY KEY (order_id),
    KEY user_id (user_id, ordered_at)
) DEFAULT CHARSET = utf8mb4;

CREATE TABLE order_items (
    order_id   BIGINT NOT NULL,
    line       INT NOT NULL,
    user_id    BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    quantity   INT NOT NULL,
    price      DECIMAL(10, 2) NOT NULL,
    PRIMARY KEY (order_id, line),
    KEY user_id (user_id)
) DEFAULT CHARSET = utf8mb4;

CREATE TABLE products (
    product_id BIGINT NOT NULL,
    name       VARCHAR(80) NOT NULL,
    price      DECIMAL(10, 2) NOT NULL,
    PRIMARY KEY (product_id)
) DEFAULT CHARSET = utf8mb4;

CREATE TABLE regions (
    region_id BIGINT NOT NULL,
    name      VARCHAR(40) NOT NULL,
    PRIMARY KEY (region_id)
) DEFAULT CHARSET = utf8mb4;
