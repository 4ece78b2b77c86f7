"""One class per BPMN element. The table from tag to class stands in `engine.elements.table`."""
