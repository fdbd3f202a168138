"""Following the numbers of a campaign until each has its outcome."""

import pytest
from django.urls import reverse

from registrations import actions
from registrations.lifecycle import Status
from registrations.models import NumberLink, Submission
from tests.registrations.numbers.stage import fiction, many, page_of, stand

pytestmark = pytest.mark.django_db


class TestProgress:
    @pytest.fixture
    def url(self, campaign):
        return reverse("campaign-numbers", args=[campaign.reference])

    @pytest.fixture
    def live(self, campaign):
        return reverse("campaign-numbers-live", args=[campaign.reference])

    @pytest.fixture
    def linked(self, campaign, alice):
        """Put links where a journey would have brought them: {number: status}."""

        def linked(**standing):
            numbers = {name.removeprefix("n"): status for name, status in standing.items()}
            links = actions.link_numbers(campaign, list(numbers), by=alice)
            Submission.objects.update(state="accepted")
            return [stand(link, numbers[link.number]) for link in links]

        return linked

    @pytest.fixture
    def campaign_at_plivo(self, plivo, make_brand, make_campaign_on, submit, work_off):
        """Registered and confirmed, over the wire. No callback reaches us: look-ups tell."""
        plivo.state.set(callbacks_lost=True)
        brand = make_brand()
        submit(brand)
        self.settle(plivo, work_off)
        brand.refresh_from_db()
        campaign = make_campaign_on(brand)
        submit(campaign)
        self.settle(plivo, work_off)
        campaign.refresh_from_db()
        assert campaign.is_confirmed_registered
        return campaign

    def settle(self, plivo, work_off):
        for _ in range(3):
            work_off(2)
            plivo.step(60)
            work_off(2)

    @pytest.mark.django_db(transaction=True)
    def test_it_is_followed_until_each_has_its_outcome(
        self, plivo, as_alice, alice, campaign_at_plivo, work_off
    ):
        good, fails, refused = "14155550110", "14155550190", "14155550198"
        url = reverse("campaign-numbers", args=[campaign_at_plivo.reference])
        live = f"{url}live/"
        actions.link_numbers(campaign_at_plivo, [good, fails, refused], by=alice)

        page = as_alice.get(url)
        first = as_alice.get(live)
        self.settle(plivo, work_off)
        last = as_alice.get(live)

        assert "3 are on their way" in page_of(page)
        assert 'hx-trigger="every 2s"' in page_of(page)
        assert first.status_code == 200
        assert last.status_code == 286
        assert "Every number has its outcome" in page_of(last)
        assert "hx-trigger" not in page_of(last)
        tiles = {tile.name: tile.count for tile in last.context["tiles"]}
        assert tiles == {"failed": 2, "moving": 0, "linked": 1, "past": 0}
        assert "is not a valid number" in page_of(last)

    def test_it_is_silent_until_there_is_news(self, as_alice, live, linked):
        linked(n14155550100="link_submitted")
        seen = page_of(as_alice.get(live)).split("seen=")[1].split('"')[0]

        quiet = as_alice.get(f"{live}?seen={seen}")
        NumberLink.objects.update(version=9)
        told = as_alice.get(f"{live}?seen={seen}")

        assert (quiet.status_code, told.status_code) == (204, 200)

    def test_what_failed_stands_on_top_with_its_reason(self, as_alice, url, linked):
        links = linked(n14155550100="linked", n14155550101="link_failed")
        NumberLink.objects.filter(pk=links[1].pk).update(
            reasons=[{"code": "HTTP 400", "text": "The number is <odd>"}]
        )

        page = page_of(as_alice.get(url))

        assert page.index("+14155550101") < page.index("+14155550100")
        assert "The number is &lt;odd&gt;" in page
        assert "1 failed" in page

    def test_one_that_failed_is_linked_again(self, as_alice, url, linked):
        one, other = linked(n14155550100="link_failed", n14155550101="refused")

        as_alice.post(f"{url}act/link/", {"link": one.reference})

        standing = list(NumberLink.objects.order_by("number").values_list("status", flat=True))
        assert standing == ["link_queued", "refused"]

    def test_all_that_failed_are_linked_again(self, as_alice, url, linked):
        linked(n14155550100="link_failed", n14155550101="refused", n14155550102="unlink_failed")

        response = as_alice.post(f"{url}act/link-failed/", follow=True)

        standing = list(NumberLink.objects.order_by("number").values_list("status", flat=True))
        assert standing == ["link_queued", "link_queued", "unlink_failed"]
        assert "2 numbers are being linked again" in page_of(response)

    def test_a_failure_that_was_asked_for_again_is_past(self, as_alice, url, linked):
        linked(n14155550100="link_failed")
        linked(n14155550100="linked")

        response = as_alice.get(url)

        tiles = {tile.name: tile.count for tile in response.context["tiles"]}
        assert tiles == {"failed": 0, "moving": 0, "linked": 1, "past": 1}

    def test_the_chosen_are_unlinked(self, as_alice, url, linked):
        one, two, three = linked(
            n14155550100="linked", n14155550101="linked", n14155550102="linked"
        )

        response = as_alice.post(
            f"{url}act/unlink/", {"link": [one.reference, two.reference]}, follow=True
        )

        standing = list(NumberLink.objects.order_by("number").values_list("status", flat=True))
        assert standing == ["unlink_queued", "unlink_queued", "linked"]
        assert "2 numbers are being taken off" in page_of(response)

    def test_what_is_on_its_way_is_not_unlinked_and_says_so(self, as_alice, url, linked):
        [link] = linked(n14155550100="link_submitted")

        response = as_alice.post(f"{url}act/unlink/", {"link": link.reference}, follow=True)

        link.refresh_from_db()
        assert link.status == Status.LINK_SUBMITTED
        assert "+14155550100 stays as it is" in page_of(response)

    def test_numbers_of_another_campaign_are_not_touched(
        self, as_alice, url, other_campaign, alice
    ):
        [link] = actions.link_numbers(other_campaign, fiction(1), by=alice)
        stand(link, "linked")

        response = as_alice.post(f"{url}act/unlink/", {"link": link.reference}, follow=True)

        link.refresh_from_db()
        assert link.status == Status.LINKED
        assert "No number was chosen" in page_of(response)

    @pytest.mark.parametrize("show", ["failed", "moving", "linked", "past", "nonsense"])
    def test_it_is_filtered_by_outcome(self, as_alice, url, linked, show):
        linked(
            n14155550100="link_failed",
            n14155550101="link_created",
            n14155550102="linked",
            n14155550103="unlinked",
        )
        expected = {
            "failed": {"14155550100"},
            "moving": {"14155550101"},
            "linked": {"14155550102"},
            "past": {"14155550103"},
            "nonsense": {"14155550101", "14155550102"},
        }

        response = as_alice.get(f"{url}?show={show}")

        assert {row.link.number for row in response.context["rows"]} == expected[show]

    def test_choosing_all_ticks_every_number_that_can_be_unlinked(self, as_alice, url, linked):
        linked(n14155550100="linked", n14155550101="linked", n14155550102="link_created")

        page = page_of(as_alice.get(f"{url}?choose=all"))

        assert page.count(" checked>") == 2

    @pytest.mark.parametrize("person", ["audrey", "oscar"])
    def test_who_only_reads_sees_it_without_buttons(self, client, url, linked, person, request):
        [link] = linked(n14155550100="linked")
        client.force_login(request.getfixturevalue(person))

        page = page_of(client.get(url))

        assert "+14155550100" in page
        assert "Unlink" not in page
        assert client.post(f"{url}act/unlink/", {"link": link.reference}).status_code == 403

    def test_a_foreign_campaigns_numbers_do_not_exist(self, client, bob, url, linked):
        [link] = linked(n14155550100="linked")
        client.force_login(bob)

        answers = [
            client.get(url).status_code,
            client.get(f"{url}live/").status_code,
            client.post(f"{url}act/unlink/", {"link": link.reference}).status_code,
        ]

        assert answers == [404, 404, 404]

    def test_an_unknown_verb_does_not_exist(self, as_alice, url):
        assert as_alice.post(f"{url}act/delete/").status_code == 404

    def test_its_questions_do_not_grow_with_the_numbers(
        self, as_alice, url, campaign, alice, django_assert_max_num_queries
    ):
        type(campaign).objects.update(number_pool_limit=500)
        numbers = many(120)
        for batch in (numbers[:2], numbers[2:]):
            links = actions.link_numbers(campaign, batch, by=alice)
            stand(links[0], "link_failed")
            with django_assert_max_num_queries(14):
                page = as_alice.get(url)

        assert len(page.context["rows"]) == 50
        assert page.context["page"].older
