CREATE TABLE events (
    id         BIGINT NOT NULL AUTO_INCREMENT,
    kind       VARCHAR(40) NOT NULL,
    detail     VARCHAR(200) NULL,
    happened_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id)
) DEFAULT CHARSET = utf8mb4;

INSERT INTO events (kind, detail, happened_at) VALUES
    ('shop.opened', NULL, '2025-01-01 08:00:00.000000'),
    ('price.changed', 'Keyboard: 109.99 → 99.99', '2025-02-14 12:30:00.250000'),
    ('sale.started', 'spring', '2025-03-20 00:00:00.000000'),
    ('sale.ended', 'spring', '2025-04-03 23:59:59.999999'),
    ('stock.counted', NULL, '2025-06-30 18:00:00.000000');
