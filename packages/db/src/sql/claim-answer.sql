select leased.*, now() as now from leased
