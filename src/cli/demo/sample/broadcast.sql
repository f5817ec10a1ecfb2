INSERT INTO regions (region_id, name) VALUES
    (1, 'Europe'), (2, 'North America'), (3, 'South America'), (4, 'Asia'), (5, 'Africa'), (6, 'Oceania');

INSERT INTO products (product_id, name, price) VALUES
    (1, 'Notebook', 4.50), (2, 'Fountain pen', 39.00), (3, 'Ink, blue', 7.25), (4, 'Desk lamp', 58.90),
    (5, 'Tea, Earl Grey', 6.80), (6, 'Tea, 抹茶', 12.40), (7, 'Mug', 9.95), (8, 'Café press', 27.50),
    (9, 'Backpack', 74.00), (10, 'Umbrella', 18.75), (11, 'Headphones', 129.00), (12, 'Keyboard', 99.99),
    (13, 'Cable', 3.10), (14, 'Map of the stars', 21.00), (15, 'Puzzle 🧩', 24.30), (16, 'Chess set', 45.00);
