-- Bodies differ more than other columns do. With the usual sample the planner takes a value that one object has for one that a
-- hundredth of them have, now and then, and reads through all of them.
ALTER TABLE "krm_object" ALTER COLUMN "body" SET STATISTICS 500;
