-- A constant default: the table is not rewritten.
ALTER TABLE conflict_decisions ADD COLUMN by_hand BOOLEAN DEFAULT false NOT NULL;
