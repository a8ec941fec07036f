"""`manage.py seed` fills an empty database with the reference site's own rows, or with Django fixtures from a folder.

All of it or nothing: one transaction. A database that has the seeds is left as it is; one with other people's rows is
refused, since seeds carry their own ids.
"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from apps.users.models import User
from legacy import seeds
from legacy.seeds import boards, content, fixtures, logos, menus, pages, people, pictures, releases, sponsoring


class Command(BaseCommand):
    help = "Fill an empty database with seeds, or with Django fixtures from a folder."

    def add_arguments(self, parser):
        parser.add_argument(
            "--fixtures", type=Path, metavar="DIR", help="load the *.json fixtures of this folder instead"
        )

    def handle(self, *, fixtures=None, verbosity=1, **options):
        if fixtures:
            self._load(fixtures, verbosity)
        else:
            self._seed(verbosity)

    def _seed(self, verbosity):
        if User.objects.filter(pk=1, date_joined=seeds.moment(-899)).exists():
            self._say(verbosity, "Already seeded; nothing changed.")
            return
        if User.objects.exists():
            raise CommandError("The database has users of its own; seeds need an empty one: create another database.")
        with transaction.atomic():
            for part in (people, pages, releases, content, menus, sponsoring, logos, boards):
                part.add()
            fixtures.reset_sequences(connection)
        pictures.paint()
        self._say(verbosity, f"Seeded. Sign in as admin with the password {people.PASSWORD}.")

    def _load(self, folder, verbosity):
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder; name the one that holds the *.json fixtures.")
        report = fixtures.load(sorted(folder.glob("*.json")))
        if not report.loaded:
            raise CommandError(f"No row was loaded from {folder}.\n" + "\n".join(report.problems))
        for model, count in sorted(report.loaded.items()):
            self._say(verbosity, f"{count:>6}  {model}")
        for problem in report.problems:
            self.stderr.write(problem)
        self._say(verbosity, f"{sum(report.loaded.values())} rows loaded, {len(report.problems)} problems.")

    def _say(self, verbosity, line):
        if verbosity:
            self.stdout.write(line)
