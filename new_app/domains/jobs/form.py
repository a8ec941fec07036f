"""The form below a vacancy for what its reviewer and its submitter say to each other; legacy takes what it sends."""

from markupsafe import Markup

_AS_P = Markup(
    '<p>\n    <label for="id_comment">Comment:</label>\n'
    '    <textarea name="comment" cols="40" rows="10" id="id_comment">\n</textarea>\n    \n    \n'
    '      <input type="hidden" name="job" value="{}" id="id_job">\n    \n  </p>'
)


class CommentForm:
    """`job_review_form` of a template: unbound, about one vacancy. It shows itself `as_p` and in no other way."""

    def __init__(self, job_id: int) -> None:
        self._job_id = job_id

    def as_p(self) -> Markup:
        return _AS_P.format(self._job_id)
