"""Jobs: vacancies that people submit and reviewers approve."""
