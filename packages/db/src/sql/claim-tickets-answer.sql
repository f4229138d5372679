-- One row at least: it also says which tickets have found all that was ready in the hands of others. They must look again,
-- since what is left over by those others may have no other ticket.
select leased.*, now() as now, found_busy.tickets as found_busy
from (select array_agg(i) as tickets from passed_by) as found_busy left join leased on true
