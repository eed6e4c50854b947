"""What people are asked at gates: who may answer, what an answer does, what is due."""
