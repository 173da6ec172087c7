"""Prints all numbers that are stored, smallest first. usage: tutorial_stored.py DATABASE"""

import sys

from pymongo import MongoClient

collection = MongoClient(sys.argv[1]).numtest.numtest
print(" ".join(str(stored["number"]) for stored in collection.find().sort("number", 1)))
