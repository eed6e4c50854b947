CREATE POLICY engine ON staged_chunks TO masterflow_engine USING (true) WITH CHECK (true);
