"""The live table: what Milvus Lite would compute anew for each question, kept beside its collections."""
