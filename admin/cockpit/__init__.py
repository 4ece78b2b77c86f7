"""The coordinator's room: what waits where and for whom, the cases of all, the live list of patients, and its acts."""
