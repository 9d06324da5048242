-- As in collection_statistics of the platform: a collection that the statistics have not seen is not an empty one.
alter table events alter column collection set statistics 0;
