import time as t, cProfile, pstats
from tests.web.browser import Browser
from tests.web.office import NIGHT
from tests.web import office
def test_prof(prepared, application, template, keys, time):
    time.at(NIGHT)
    url = office.fresh(template, prepared.url)
    b = Browser(application); b.client.set_cookie("approdo", prepared.cookies["carla"])
    P = prepared.places
    for path in ("/inbox", f"/inbox/{P['task_id']}", f"/cases/{P['case']}", "/contacts", "/account", "/shelters", f"/pathways/{P['instance_id']}"):
        b.get(path)
        s=t.process_time(); w=t.perf_counter()
        for _ in range(10): b.get(path)
        print(path, round((t.process_time()-s)*100,1), "ms cpu", round((t.perf_counter()-w)*100,1), "ms wall")
    pr=cProfile.Profile(); pr.enable()
    for _ in range(10): b.get(f"/cases/{P['case']}")
    pr.disable(); pstats.Stats(pr).sort_stats("cumulative").print_stats(35)
    office.discard(template, url)
