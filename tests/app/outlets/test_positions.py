"""The datum a map used, checked against the published vectors of two independent projects, and distances."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.outlets.positions import (
    Datum,
    Position,
    distance_m,
    is_plausible,
    to_wgs84,
    wgs84_to_gcj02,
)

TIANANMEN = Position(39.915, 116.404)

# (WGS-84, GCJ-02) from eviltransform's tests: Shanghai, Shenzhen, Beijing.
PAIRS = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
]


class TestToWgs84:
    @pytest.mark.parametrize(("wgs", "gcj"), PAIRS)
    def test_agrees_with_published_pairs_both_ways(
        self, wgs: tuple[float, float], gcj: tuple[float, float]
    ) -> None:
        there = wgs84_to_gcj02(Position(*wgs))
        back = to_wgs84(Position(*gcj, Datum.GCJ02))

        assert (there.latitude, there.longitude) == pytest.approx(gcj, abs=1e-9)
        assert (back.latitude, back.longitude) == pytest.approx(wgs, abs=1e-9)

    def test_agrees_with_coordtransform_on_tiananmen(self) -> None:
        """Vectors of github.com/wandergis/coordtransform: BD-09 → GCJ-02, and WGS-84 → GCJ-02."""
        there = wgs84_to_gcj02(TIANANMEN)
        from_baidu = wgs84_to_gcj02(to_wgs84(Position(39.915, 116.404, Datum.BD09)))

        assert (there.latitude, there.longitude) == pytest.approx((39.91640428150164, 116.41024449916938))
        assert (from_baidu.latitude, from_baidu.longitude) == pytest.approx(
            (39.90865673957631, 116.39762729119315)
        )

    @given(st.floats(18, 53), st.floats(74, 134))
    def test_undoes_the_shift_to_a_centimetre(self, latitude: float, longitude: float) -> None:
        place = Position(latitude, longitude)
        assert distance_m(place, wgs84_to_gcj02(place)) < 0.01

    def test_leaves_the_rest_of_the_world_alone(self) -> None:
        berlin = Position(52.52, 13.405)
        assert wgs84_to_gcj02(berlin) == Position(52.52, 13.405, Datum.GCJ02)
        assert to_wgs84(berlin) is berlin

    def test_a_chinese_datum_elsewhere_is_a_slip(self) -> None:
        assert is_plausible(Position(39.9, 116.4, Datum.GCJ02))
        assert not is_plausible(Position(52.52, 13.405, Datum.BD09))
        with pytest.raises(ValueError, match="within ±90"):
            Position(116.4, 39.9)


class TestDistance:
    def test_of_a_degree_along_the_equator(self) -> None:
        assert distance_m(Position(0, 0), Position(0, 1)) == pytest.approx(111_195, abs=1)

    def test_across_datums_shows_why_the_datum_is_stored(self) -> None:
        """D7.2 allows 300 m; the wrong datum alone is worth more."""
        misread = Position(TIANANMEN.latitude, TIANANMEN.longitude, Datum.GCJ02)
        assert 500 < distance_m(TIANANMEN, misread) < 700

    @given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180))
    def test_is_the_same_both_ways_and_never_beyond_half_the_globe(
        self, a: float, b: float, c: float, d: float
    ) -> None:
        there = distance_m(Position(a, b), Position(c, d))
        assert there == pytest.approx(distance_m(Position(c, d), Position(a, b)), abs=1e-6)
        assert 0 <= there <= 20_016_000
