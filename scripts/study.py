"""How often does it converge? Train thousands of starts of a listing at once.

study.py backprop_xor --starts 10000
study.py backprop_xor --hidden 2 3 4 8 --out rates.npz
study.py backprop_xor --alpha 0.1 0.3 0.9 --scale 0.5 1 2 --plot rates.png
"""

import sys

from deltarule.study import program

if __name__ == "__main__":  # processes that joblib starts import this file
    sys.exit(program.main(__doc__))
