"""Prints the numbers in the order in which they were stored. usage: tutorial_stored.py DATABASE"""

import sys

from pymongo import MongoClient

collection = MongoClient(sys.argv[1]).numtest.numtest
print(" ".join(str(stored["number"]) for stored in collection.find().sort("_id", 1)))
