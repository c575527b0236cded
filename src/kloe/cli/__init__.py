"""The program ``kloe``: thin commands over the packages below."""
