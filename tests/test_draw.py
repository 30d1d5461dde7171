"""The page where the reader draws letters: its arithmetic in Node, and the page in a browser."""

import functools
import importlib.util
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from browser import chromium, errors, needs_axe, requests, theme, violations

import fslkeras
from fslkeras import networks
from fslkeras.course.handwriting import Drawer, random_state, redraw
from fslkeras.course.invented import invented_characters

DEMO = Path(__file__).parents[1] / "docs" / "demo"
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="Node is not installed")
POOLED = {"siamese": 4, "prototypical": 4, "relation": 2, "matching": 4}


@functools.cache
def demo():
    spec = importlib.util.spec_from_file_location("demo_build", DEMO / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def node(code, data, folder):
    """What the code prints, as JSON. It sees the page's functions, and `data`."""
    names = ("strokes.js", "pad.js", "weights.js", "network.js", "ink.js", "answer.js")
    paths = [path for path in demo().SCRIPTS if path.name in names]
    (folder / "data.json").write_text(json.dumps(data))
    script = folder / "script.mjs"
    script.write_text(
        f"{demo().scripts(paths)}\nimport fs from 'fs';\n"
        f"const data = JSON.parse(fs.readFileSync('{folder / 'data.json'}'));\n"
        f"const print = (value) => console.log(JSON.stringify(value));\n{code}"
    )
    ran = subprocess.run(["node", script], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


ANSWERS = """
const weights = readWeights(data.weights, data.shapes);
const drawings = data.images.map((image) => ({ image }));
const letters = [0, 1, 2, 3, 4].map((way) => drawings.slice(4 * way, 4 * way + data.shot));
const plain = (value) => Array.from(value.side ? value.values : value);
print({
  embeddings: Object.fromEntries(Object.keys(weights).map((name) =>
    [name, drawings.map((each) => plain(embed(weights, each)[name]))])),
  answers: drawings.slice(20).map((query) => {
    const { heads } = answer(weights, letters, query);
    return Object.fromEntries(Object.entries(heads).map(([name, { scores }]) => [name, scores]));
  }),
});
"""


def episode_networks(shipped):
    """The four networks over episodes, as the page has them."""
    relation = networks.relation(demo().encoder(shipped["relation"]), 32, reduction="mean")
    relation.set_weights(shipped["relation"].get_weights())
    return {
        "siamese": networks.episode_model(shipped["siamese"]),
        "prototypical": networks.prototypical(demo().encoder(shipped["prototypical"])),
        "matching": shipped["matching"],
        "relation": relation,
    }


@needs_node
@pytest.mark.parametrize("shot", [1, 4])
def test_embeddings_and_scores_are_those_of_keras(shot, tmp_path):
    test = fslkeras.datasets.load("glyphs", "test")
    rng = np.random.default_rng(0)
    classes = rng.choice(test.num_classes, 5, replace=False)
    support = [20 * c + i for c in classes for i in range(4)]
    images = test.images[support + [20 * c + i for c in classes for i in range(4, 20)]]
    assert len(images) == 100
    shipped = demo().shipped_networks()
    weights, shapes = demo().packed(shipped)
    data = {"weights": weights, "shapes": shapes, "shot": shot}
    data["images"] = images.reshape(100, -1).tolist()
    page = node(ANSWERS, data, tmp_path)
    chosen = [4 * way + i for way in range(5) for i in range(shot)]
    x = images.astype("float32") / 255
    episode = {"support": x[None, chosen], "query": x[None, 20:]}
    episode["support_labels"] = np.eye(5, dtype="float32")[None, np.arange(5).repeat(shot)]
    for name, network in episode_networks(shipped).items():
        embeddings = np.array(demo().encoder(shipped[name])(x))
        shown = np.reshape(page["embeddings"][name], embeddings.shape)
        np.testing.assert_allclose(shown, embeddings, rtol=0, atol=1e-3)
        scores = np.array([each[name] for each in page["answers"]])
        np.testing.assert_allclose(scores, np.array(network(episode))[0], rtol=0, atol=1e-3)


def test_half_floats_change_an_embedding_by_less_than_a_hundredth():
    images = fslkeras.datasets.load("glyphs", "test").images[::50] / np.float32(255)
    for name, model in demo().shipped_networks().items():
        whole = networks.pretrained(demo().SHIPPED[name])
        before, after = (np.array(demo().encoder(each)(images)) for each in (whole, model))
        np.testing.assert_allclose(after, before, rtol=0, atol=1e-2)


def test_the_forward_pass_is_short():
    lines = (DEMO / "network.js").read_text("utf-8").splitlines()
    assert len(lines) < 150 and max(map(len, lines)) <= 100


@pytest.fixture(scope="module")
def pen_strokes():
    """20 characters that no network has seen, as the strokes of 20 drawers on a paper 0..1."""
    drawn = []
    for alphabet in range(4):
        drawers = [Drawer(random_state("unseen", "drawer", alphabet, d)) for d in range(20)]
        for c, strokes in enumerate(invented_characters(5, random_state("unseen", alphabet))):
            again = [redraw(strokes, d, random_state("unseen", c, d.pen))[0] for d in drawers]
            drawn.append([[(stroke / 112).tolist() for stroke in one] for one in again])
    return drawn


@needs_node
def test_strokes_of_unseen_characters_are_read(pen_strokes, tmp_path):
    code = "print(data.map((all) => all.map((strokes) => Array.from(glyph(strokes, LEAST)))));"
    images = np.array(node(code, pen_strokes, tmp_path), np.uint8).reshape(-1, 28, 28, 1)
    assert 0.08 < (images > 0).mean() < 0.14  # as much ink as the glyphs have
    mine = fslkeras.datasets.ImageClasses(images, np.arange(20).repeat(20), range(20))
    episodes = fslkeras.Episodes(mine, way=5, shot=1, query=5, steps=300, seed=0)
    network = episode_networks(demo().shipped_networks())["prototypical"]
    assert fslkeras.evaluate(network, episodes).mean > 0.93


@needs_node
def test_size_and_place_on_the_paper_do_not_matter_but_a_dot_stays_a_dot(pen_strokes, tmp_path):
    letter = pen_strokes[0][0]
    moved = [[[0.3 * x + 0.6, 0.3 * y + 0.1] for x, y in stroke] for stroke in letter]
    code = "print(data.map((strokes) => Array.from(glyph(strokes, LEAST))));"
    dot = [[[0.5, 0.5], [0.502, 0.5]]]
    one, other, small = np.array(node(code, [letter, moved, dot], tmp_path))
    assert (one != other).mean() < 0.01
    assert 0 < (small > 0).sum() <= 6


@needs_node
@pytest.mark.parametrize("shot", [1, 5])
def test_a_drawing_of_none_of_the_letters_is_refused(shot, tmp_path):
    own, strangers = [], []
    validation = fslkeras.datasets.load("glyphs", "validation")
    encoder = demo().encoder(demo().shipped_networks()["prototypical"])
    z = encoder.predict(validation.images / np.float32(255), verbose=0).reshape(-1, 20, 32)
    rng = np.random.default_rng(0)
    for _ in range(2000):
        classes, drawers = rng.choice(len(z), 6, replace=False), rng.permutation(20)
        prototypes = z[classes[:5]][:, drawers[:shot]].mean(1)
        for query, distances in ((classes[0], own), (classes[5], strangers)):
            distances.append(((prototypes - z[query, drawers[-1]]) ** 2).sum(-1).min())
    farthest = node(f"print(FARTHEST[{shot} - 1]);", None, tmp_path)
    assert 0.93 < np.mean(np.array(own) <= farthest) < 0.97
    assert np.mean(np.array(strangers) > farthest) > (0.75 if shot == 1 else 0.9)


# ---- In a browser


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    output = tmp_path_factory.mktemp("page") / "draw.html"
    demo().build(output)
    assert output.stat().st_size < 1e6
    return output


@pytest.fixture(scope="module")
def driver():
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        pytest.skip("needs Chromium: apt install chromium chromium-driver")
    with chromium() as opened:
        yield opened


PHONE, LAPTOP = (360, 740), (1280, 860)
looks = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
sizes = pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])


def visit(driver, page, size=LAPTOP, dark=False):
    theme(driver, dark)
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1}
    metrics["mobile"] = size == PHONE
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    errors(driver), requests(driver)  # those of the page before
    driver.get(page.as_uri())


def example(driver, letter, drawing):
    """The strokes of one of the page's own drawings, 0..1."""
    data = json.loads(driver.execute_script("return document.getElementById('data').textContent"))
    strokes = data["alphabets"][0]["letters"][letter][drawing]
    return [np.reshape(stroke, (-1, 2)) / 280 for stroke in strokes]


def draw(driver, strokes, kind="mouse"):
    """Draw with a real pointer, in the middle of the paper."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.actions.pointer_input import PointerInput

    canvas = driver.find_element("id", "pad")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
    side = canvas.size["width"]
    chain = ActionChains(driver, duration=5, devices=[PointerInput(kind, kind)])
    pointer = chain.w3c_actions.pointer_action
    for stroke in strokes:
        points = ((stroke - 0.5) * side).round().astype(int).tolist()
        for number, (x, y) in enumerate(points):
            pointer.move_to(canvas, x, y)
            if number == 0:
                pointer.pointer_down()
        pointer.pointer_up()
    chain.perform()


def answered(driver):
    """The number of the letter that the page names, or "none", once it no longer changes."""
    from selenium.webdriver.support.ui import WebDriverWait

    def settled(_):
        before = driver.execute_script(read)
        driver.execute_async_script("setTimeout(arguments[0], 600)")
        return before and driver.execute_script(read) == before

    read = "return document.body.dataset.answer"
    WebDriverWait(driver, 30).until(settled)
    return driver.execute_script(read)


def click(driver, name):
    element = driver.find_element("css selector", name)
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    element.click()


def check_quiet_and_narrow(driver, size):
    assert errors(driver) == []
    assert [
        url for url in requests(driver) if not url.startswith(("file:", "data:", "blob:"))
    ] == []
    assert driver.execute_script("return document.documentElement.scrollWidth") <= size[0]


@needs_axe
@sizes
@looks
def test_a_drawn_letter_is_named_and_axe_finds_nothing(driver, page, size, dark):
    visit(driver, page, size, dark)
    background = driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, background[4:-1].split(","))) < 200) == dark
    found = violations(driver)
    draw(driver, example(driver, 2, 6), "touch" if size == PHONE else "mouse")
    assert answered(driver) == "3"
    assert "letter 3" in driver.find_element("id", "answer").text
    found += violations(driver)
    click(driver, "#pick")
    found += violations(driver)
    click(driver, "#close")
    click(driver, "#own")
    assert found + violations(driver) == []
    check_quiet_and_narrow(driver, size)


@sizes
def test_the_reader_draws_letters_and_asks(driver, page, size):
    visit(driver, page, size)
    kind = "touch" if size == PHONE else "pen"
    driver.execute_script("document.getElementById('ways').value = 3")
    click(driver, "#own")
    for letter in (5, 6, 7):
        draw(driver, example(driver, letter, 0), kind)
        click(driver, "#keep")
    draw(driver, example(driver, 6, 5), kind)
    assert answered(driver) == "2"
    click(driver, "#share")
    click(driver, "#clear")
    draw(driver, example(driver, 0, 5), kind)
    assert answered(driver) == "none"
    click(driver, "#answer [data-teach='3']")  # a new letter
    draw(driver, example(driver, 0, 7), kind)
    assert answered(driver) == "4"
    check_quiet_and_narrow(driver, size)


def test_an_added_example_moves_its_prototype(driver, page):
    visit(driver, page)
    place = "return document.querySelector('#map [data-name=\"prototype 0\"]').style.transform"
    draw(driver, example(driver, 0, 6))
    assert answered(driver) == "1"
    before = driver.execute_script(place)
    click(driver, "#answer [data-teach='0']")
    assert driver.execute_script(place) != before
    assert "2 examples" in driver.find_element("css selector", "[data-letter='0']").accessible_name


def test_the_page_shows_how_and_makes_room_for_the_reader(driver, page):
    visit(driver, page)
    click(driver, "#show")
    driver.execute_async_script("setTimeout(arguments[0], 4000)")  # until it is drawn
    assert answered(driver) in list("12345")
    draw(driver, example(driver, 4, 5))
    assert answered(driver) == "5"


def test_a_keyboard_suffices(driver, page):
    from selenium.webdriver import Keys

    visit(driver, page)
    driver.find_element("id", "pick").send_keys(Keys.ENTER)
    driver.find_element("css selector", "[data-pick='3,5']").send_keys(Keys.ENTER)
    assert answered(driver) == "4"
    driver.find_element("css selector", "[data-letter='new']").send_keys(Keys.ENTER)
    driver.find_element("id", "pick").send_keys(Keys.ENTER)
    driver.find_element("css selector", "[data-pick='8,0']").send_keys(Keys.ENTER)
    tiles = driver.find_elements("css selector", ".letter .tile")
    assert [tile.accessible_name[:8] for tile in tiles] == [f"Letter {i + 1}" for i in range(6)]


@pytest.mark.parametrize("alphabet", range(1, 5))
def test_ten_letters_of_a_test_alphabet_with_five_examples(driver, page, alphabet):
    visit(driver, page, PHONE)
    driver.execute_script(
        "for (const [id, index] of [['alphabet', arguments[0]], ['ways', 8], ['shots', 4]]) {"
        "const select = document.getElementById(id); select.selectedIndex = index;"
        "select.dispatchEvent(new Event('change')); }",
        alphabet,
    )
    assert len(driver.find_elements("css selector", ".letter")) == 10
    click(driver, "#pick")
    click(driver, "[data-pick='9,7']")
    assert answered(driver) == "10"
    check_quiet_and_narrow(driver, PHONE)


FIRST = """
window.times = { up: 0, answer: 0 };
document.getElementById("pad").addEventListener("pointerup", () => (times.up = performance.now()));
new MutationObserver(() => times.up && (times.answer ||= performance.now())).observe(
  document.body, { attributeFilter: ["data-answer"] });
"""


def test_the_first_answer_comes_soon_on_a_slow_phone(driver, page):
    visit(driver, page, PHONE)
    driver.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": 4})
    try:
        driver.refresh()
        driver.execute_script(FIRST)
        draw(driver, example(driver, 1, 5)[:1], "touch")
        answered(driver)
        times = driver.execute_script("return times")
    finally:
        driver.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": 1})
    # The aim is one second; it took 250 to 520 ms. A machine of tests may be slower, and busy.
    assert 0 < times["answer"] - times["up"] < 4000
