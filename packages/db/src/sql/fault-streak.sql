-- Pauses a stage ($2) of a project ($1) when the same fault ($3) came on so many different tasks ($4) in a row, with no
-- verdict and no other fault between.
with
