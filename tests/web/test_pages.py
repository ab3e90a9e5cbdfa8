import dataclasses
import datetime as dt
import io
import re

import pytest

from service.config import Settings
from service.results import Comment
from service.results.kpis import Kpi
from service.store import AnalysisRequest
from service.web import create_app
from tests.builders import make_analysis

PASSWORD = "correct horse battery"
LEASE = dt.timedelta(hours=1)
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PURPOSE = "We listen to each other. We keep our promises to every customer."
CSV = "text,respondent,department\nGood team,r1,North\nNobody listens,r2,South\n"
MANY = ("text,who\n" + "".join(f"Good team,p{n}\n" for n in range(300))).encode()


class Site:
    """The application with an organisation, its people and four analyses, one in each state."""

    def __init__(self, folder) -> None:
        self.sent: list[str] = []
        settings = Settings(_env_file=None, data_dir=folder, rate_limit="10000 per minute")
        self.app = create_app(settings, send=self.sent.append)
        self.repository = self.app.extensions["plumbline"].repository
        self.organisation = self.repository.ensure_organisation("Merrow Vale")
        other = self.repository.ensure_organisation("Elsewhere")
        for role in ("analyst", "researcher", "leader"):
            self.repository.create_user(self.organisation.organisation_id, f"{role}@merrow.example", PASSWORD, role)
            self.repository.create_user(other.organisation_id, f"{role}@elsewhere.example", PASSWORD, role)
        self.completed = self.make("Spring pulse", lambda job: self.repository.complete_job(job, make_analysis()))
        self.failed = self.make(
            "Broken file", lambda job: self.repository.fail_job(job, code="empty_batch", detail="there is no comment")
        )
        self.running = self.make(
            "Summer pulse",
            lambda job: self.repository.heartbeat(job, LEASE, stage="embedding", done=120, total=480),
        )
        self.queued = self.make("Waiting", None)

    def make(self, name, end) -> str:
        request = AnalysisRequest(name=name, purpose=make_analysis().purpose)
        comments = [Comment(comment_id="c1", text="We are told everything early")]
        analysis_id, job_id = self.repository.create_analysis(self.organisation.organisation_id, request, comments)
        if end is not None:
            end(self.repository.claim_job(job_id, LEASE))
        return analysis_id

    def visitor(self, email=None):
        client = self.app.test_client()
        if email is not None:
            response = sign_in(client, email)
            assert response.status_code == 302, response.text
        return client


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("data"))
    yield site
    site.repository.close()


@pytest.fixture
def analyst(site):
    return site.visitor("analyst@merrow.example")


@pytest.fixture
def leader(site):
    return site.visitor("leader@merrow.example")


def token(client, address="/sign-in") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).text)
    assert found
    return found[1]


def sign_in(client, email, password=PASSWORD, next_address="", **more):
    form = {"csrf_token": token(client), "email": email, "password": password, "next": next_address}
    return client.post("/sign-in", data=form, headers=BROWSER, **more)


@pytest.mark.parametrize(
    "address", ["/", "/analyses", "/analyses/new", "/analyses/{}", "/analyses/{}/comments", "/analyses/{}/report"]
)
def test_pages_ask_for_a_sign_in(site, address):
    response = site.visitor().get(address.format(site.completed), follow_redirects=True, headers=BROWSER)
    assert response.request.path == "/sign-in"
    assert "Spring pulse" not in response.text


def test_signing_in_leads_to_the_page_that_was_asked_for(site):
    client = site.visitor()
    asked = f"/analyses/{site.failed}"
    away = client.get(asked, headers=BROWSER)
    assert client.get(away.location).status_code == 200
    assert sign_in(client, "leader@merrow.example", next_address=asked).location == asked


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "/\t/a"]
)
def test_signing_in_never_leads_to_another_site(site, address):
    assert sign_in(site.visitor(), "leader@merrow.example", next_address=address).location == "/analyses"


def test_a_wrong_address_and_a_wrong_password_are_answered_alike(site):
    wrong = [
        sign_in(site.visitor(), "leader@merrow.example", "not the password"),
        sign_in(site.visitor(), "nobody@merrow.example", PASSWORD),
    ]
    assert [response.status_code for response in wrong] == [401, 401]
    shown = [re.search(r'role="alert"[^>]*>([^<]+)', response.text)[1] for response in wrong]
    assert shown == ["The e-mail address or the password is wrong."] * 2


def test_signing_in_needs_the_token_of_the_form(site):
    response = site.visitor().post("/sign-in", data={"email": "leader@merrow.example", "password": PASSWORD})
    assert response.status_code == 403
    assert "load the page again" in response.text


def test_guessing_passwords_is_slowed_down(site):
    client = site.visitor()
    there = {"environ_base": {"REMOTE_ADDR": "203.0.113.7"}}
    answers = [sign_in(client, "leader@merrow.example", f"guess number {i}", **there).status_code for i in range(12)]
    assert answers[:10] == [401] * 10
    assert answers[10:] == [429, 429]
    assert sign_in(client, "leader@merrow.example").status_code == 302


def test_signing_out_ends_the_session(site, leader):
    assert leader.post("/sign-out", data={"csrf_token": token(leader, "/analyses")}).status_code == 302
    assert leader.get("/analyses").status_code == 302


def test_the_list_names_every_analysis_and_how_far_it_is(site, leader):
    page = leader.get("/analyses").text
    for expected in ("Spring pulse", "Completed", "512 comments, 204 respondents", "Failed", "there is no comment"):
        assert expected in page
    assert "Running, 25% of embedding" in page
    assert "Waiting" in page


def test_a_running_analysis_shows_its_progress_and_looks_again(site, leader):
    page = leader.get(f"/analyses/{site.running}").text
    assert "Embedding: 120 of 480" in page
    assert '<progress aria-labelledby="stage" value="120" max="480">' in page
    assert 'http-equiv="refresh"' in page


def test_a_failed_analysis_says_why_and_stops_looking(site, leader):
    page = leader.get(f"/analyses/{site.failed}").text
    assert "there is no comment" in page
    assert "empty_batch" in page
    assert 'http-equiv="refresh"' not in page


def test_a_completed_analysis_shows_every_insight_facet_and_theme_with_charts(site, leader):
    page = leader.get(f"/analyses/{site.completed}").text
    analysis = make_analysis()
    for name in [i.headline for i in analysis.insights] + [f.title for f in analysis.facets]:
        assert name in page
    for theme in analysis.themes:
        assert theme.name in page
    assert page.count('<svg xmlns="http://www.w3.org/2000/svg"') == 10
    assert "Map of the themes" in page
    assert "−23 (−31 to −14, 57 respondents)" in page
    assert "not shown: it would tell of fewer than the minimum number of respondents" in page


def test_evidence_comes_from_the_stored_comments(site, leader):
    assert "Please replace the scanners, they freeze twice a shift." in leader.get(f"/analyses/{site.completed}").text


def test_the_page_needs_no_inline_style_and_no_other_site(site, leader):
    page = leader.get(f"/analyses/{site.completed}").text
    assert not re.search(r"<style|\sstyle=|<script", page)
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)
    for sheet in re.findall(r'<link rel="stylesheet" href="([^"]+)"', page):
        with leader.get(sheet) as response:
            assert response.mimetype == "text/css"


def test_the_report_is_a_file_with_the_same_results(site, leader):
    response = leader.get(f"/analyses/{site.completed}/report")
    assert response.headers["Content-Disposition"] == 'attachment; filename="Spring pulse.html"'
    page = leader.get(f"/analyses/{site.completed}").text
    in_page, in_file = (_results(html) for html in (page, response.text))
    # Only the page leads on to where an insight is decided on.
    assert re.sub(r' <a href="[^"]*/actions\?insight=[^"]*">Decide on it</a>', "", in_page) == in_file


def _results(html):
    """The results without what is drawn: the renderer numbers the parts of every drawing anew."""
    return re.sub(
        r"<svg.*?</svg>", "", html[html.index('<div class="results">') : html.index("</main>")].strip(), flags=re.S
    )


def test_kpis_stand_beside_alignment_with_the_caution_and_only_when_there_are_some(tmp_path):
    site = Site(tmp_path)
    leader, address = site.visitor("leader@merrow.example"), f"/analyses/{site.completed}"
    assert 'id="kpis"' not in leader.get(address).text
    names = ["Day", "Night", "Split"]
    kpis = [Kpi(group=name, period=p, kpi="<b>turnover", value=12.5) for name in names for p in ("2026", "2025")]
    site.repository.put_kpis(site.organisation.organisation_id, kpis)
    page = leader.get(address).text
    section = page.split('<section id="kpis"')[1].split("</section>")[0]
    assert "&lt;b&gt;turnover by shift" in section and "<b>" not in section
    assert f'<section id="kpis"{section}</section>' in leader.get(f"{address}/report").text
    assert "+17 (+9 to +24, 131 respondents)" in section and "2025: 12.5" in section
    assert "Split" not in section  # its alignment is suppressed
    assert "2 groups, and few groups say little" in section and "not a cause" in section
    assert site.visitor("leader@elsewhere.example").get(address, headers=BROWSER).status_code == 404
    site.repository.close()


@pytest.mark.parametrize("part", ["", "/report"])
def test_kpis_that_change_are_shown_as_they_are_now(tmp_path, part):
    site = Site(tmp_path)
    leader, address = site.visitor("leader@merrow.example"), f"/analyses/{site.completed}{part}"
    organisation = site.organisation.organisation_id

    def shown():
        return leader.get(address).text

    assert 'id="kpis"' not in shown()
    kpi = Kpi(group="Day", period="2026", kpi="turnover", value=11.25)
    site.repository.put_kpis(organisation, [kpi])
    first = shown()
    assert "<td>11.25</td>" in first and "turnover by shift, beside alignment" in first
    site.repository.put_kpis(organisation, [dataclasses.replace(kpi, value=22.75)])
    second = shown()
    assert "<td>22.75</td>" in second and "11.25" not in second
    site.repository.delete_kpis(organisation, "turnover")
    assert 'id="kpis"' not in shown()
    site.repository.close()


@pytest.mark.parametrize("part", ["", "/report"])
@pytest.mark.parametrize("role", ["analyst", "researcher", "leader"])
def test_another_organisation_finds_nothing(site, role, part):
    client = site.visitor(f"{role}@elsewhere.example")
    response = client.get(f"/analyses/{site.completed}{part}", headers=BROWSER)
    assert response.status_code == 404
    assert "Spring pulse" not in client.get("/analyses").text


def test_analysts_read_redacted_comments_and_leaders_do_not(site, analyst, leader):
    address = f"/analyses/{site.completed}/comments"
    assert "&lt;EMAIL_ADDRESS&gt;" in analyst.get(address).text
    refused = leader.get(address, headers=BROWSER)
    assert refused.status_code == 403
    assert "scanners" not in refused.text
    assert address not in leader.get(f"/analyses/{site.completed}").text


def test_an_unfinished_analysis_has_no_report(site, analyst):
    response = analyst.get(f"/analyses/{site.running}/report", headers=BROWSER)
    assert response.status_code == 409
    assert "it has no results" in response.text


def test_an_uploaded_file_becomes_a_queued_analysis(site, analyst):
    form = {
        "csrf_token": token(analyst, "/analyses/new"),
        "name": "Autumn pulse",
        "purpose": PURPOSE,
        "cuts": "department",
        "respondent": "respondent",
        "file": (io.BytesIO(CSV.encode()), "autumn.csv"),
    }
    response = analyst.post("/analyses/new", data=form, headers=BROWSER)
    assert response.status_code == 302, response.text
    analysis_id = response.location.rsplit("/", 1)[-1]
    record = site.repository.get_analysis(site.organisation.organisation_id, analysis_id)
    assert (record.name, record.status, record.request.cuts) == ("Autumn pulse", "queued", ("department",))
    assert [facet.text for facet in record.request.purpose.facets] == PURPOSE.replace(". ", ".|").split("|")
    assert len(site.sent) == 1
    assert "Waiting for its turn" in analyst.get(response.location).text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"file": (io.BytesIO(b""), "")}, "choose the file with the comments"),
        ({"file": (io.BytesIO(b"a,b\n1,2\n"), "x.csv")}, "no column &#39;text&#39;"),
        ({"cuts": "team"}, "team"),
        (
            {"cuts": "who", "respondent": "who", "file": (io.BytesIO(MANY), "x.csv")},
            "300 different values and looks like",
        ),
        ({"cuts": "who", "file": (io.BytesIO(MANY), "x.csv")}, "name their column as the respondent"),
        (
            {"ratings": "joy", "file": (io.BytesIO(b"text,joy\na,good\n"), "x.csv")},
            "row 2, column &#39;joy&#39;: &#39;good",
        ),
        ({"file": (io.BytesIO(b"text,date\na,03/04/2026\n"), "x.csv")}, "2026-04-03 or 2026-03-04"),
        ({"dates": "day-first", "file": (io.BytesIO(b"text,date\na,04/25/2026\n"), "x.csv")}, "DD/MM/YYYY"),
        ({"purpose": " "}, "purpose"),
    ],
)
def test_a_form_that_cannot_be_used_says_why_and_keeps_its_words(site, analyst, change, said):
    form = {
        "csrf_token": token(analyst, "/analyses/new"),
        "name": "Autumn <b>pulse</b>",
        "purpose": PURPOSE,
        "file": (io.BytesIO(CSV.encode()), "autumn.csv"),
    }
    response = analyst.post("/analyses/new", data=form | change, headers=BROWSER)
    assert response.status_code == 422
    alert = response.text.split('role="alert"')[1].split("</div>")[0]
    assert said in alert
    assert "Autumn &lt;b&gt;pulse&lt;/b&gt;" in response.text


def test_leaders_start_no_analysis(leader):
    assert leader.get("/analyses/new", headers=BROWSER).status_code == 403
    assert "New analysis" not in leader.get("/analyses").text


def test_errors_are_pages_for_browsers_and_problems_for_programs(site, leader):
    page = leader.get("/nothing/here", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "Back to the analyses" in page.text
    for address, headers in (("/nothing/here", {"Accept": "application/json"}), ("/v1/nothing", BROWSER)):
        problem = leader.get(address, headers=headers)
        assert (problem.status_code, problem.mimetype) == (404, "application/problem+json")


def test_a_fault_of_ours_is_a_page_without_its_inside(site, leader, monkeypatch):
    def fail(*_args, **_kwargs):
        raise RuntimeError("secret inside")

    monkeypatch.setattr(type(site.repository), "list_analyses", fail)
    response = leader.get("/analyses", headers=BROWSER)
    assert (response.status_code, response.mimetype) == (500, "text/html")
    assert "secret inside" not in response.text


def test_hostile_names_are_escaped(site, leader):
    site.make("<script>alert(1)</script>", None)
    page = leader.get("/analyses").text
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_confidential_is_the_word_and_anonymous_is_not(site, analyst):
    for address in ("/analyses", "/analyses/new", f"/analyses/{site.completed}/comments"):
        page = analyst.get(address).text.lower()
        assert "confidential" in page
        assert "anonym" not in page
