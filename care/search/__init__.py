"""Finding patients by words that stand nowhere in clear: blind words, communes, indexing."""
