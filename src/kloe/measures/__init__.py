"""Numbers beside the judgement: published results of many landlords, and where one stands."""
