"""OGC API - Features, Part 1: Core (OGC 17-069r4) over released tables, for GIS programs such as QGIS and GDAL.

In: a view and what a request asks for. Out: collections, and features as GeoJSON in CRS84. Whoever asks gets what is
released to them, and nothing else; a feature's geometry is as coarse as the release made it.
"""

from teisen.server.ogc.features import router

__all__ = ["router"]
