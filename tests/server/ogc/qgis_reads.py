"""Run by the Python that QGIS comes with: prints, as JSON, what its provider reads at an address."""

from __future__ import annotations

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer

application = QgsApplication([], False)
application.initQgis()
source = f"restrictToRequestBBOX='1' url='{sys.argv[1]}' typename='incident' pageSize='2'"
layer = QgsVectorLayer(source, "incident", "OAPIF")
if not layer.isValid():
    print(json.dumps({"valid": False, "why": layer.error().message()}))
    sys.exit()
features = list(layer.getFeatures())
at = features[0].geometry().asPoint()
box = QgsRectangle(at.x() - 0.01, at.y() - 0.01, at.x() + 0.01, at.y() + 0.01)
kind = QgsFeatureRequest().setFilterExpression(f"\"kind\" = '{features[0]['kind']}'")
found = {
    "valid": True,
    "crs": layer.crs().authid(),
    "fields": layer.fields().names(),
    "count": len(features),
    "ids": [feature["incident_id"] for feature in features],
    "inside": [feature["incident_id"] for feature in layer.getFeatures(QgsFeatureRequest(box))],
    "same_kind": sum(1 for _ in layer.getFeatures(kind)),
}
print(json.dumps(found), flush=True)
os._exit(0)  # QGIS takes its time to end, and may crash while it does
