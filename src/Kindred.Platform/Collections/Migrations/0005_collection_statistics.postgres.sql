-- Collections are few and may each hold everything. Statistics taken before a collection had rows tell the planner that it has none, and one column of a
-- key then looks like enough: without them it assumes that every collection holds a fair share.
alter table item_numbers alter column collection set statistics 0;
alter table user_numbers alter column collection set statistics 0;
