"""What two apples cost, what three oranges add, and what each thing changes in the price (chapter 5)."""

import sys

from deltarule.layers import AddLayer, MulLayer
from deltarule.programs.notes_run import start

run = start(__file__, __doc__)

apple, apple_num, orange, orange_num, tax = 100, 2, 150, 3, 1.1
mul_apple, mul_orange, add_fruit, mul_tax = MulLayer(), MulLayer(), AddLayer(), MulLayer()

apple_price = mul_apple.forward(apple, apple_num)
price = mul_tax.forward(apple_price, tax)
dapple_price, dtax = mul_tax.backward(1)
dapple, dapple_num = mul_apple.backward(dapple_price)
apples = {"price": price, "dapple": dapple, "dapple_num": dapple_num, "dtax": dtax}

apple_price = mul_apple.forward(apple, apple_num)
orange_price = mul_orange.forward(orange, orange_num)
all_price = add_fruit.forward(apple_price, orange_price)
price = mul_tax.forward(all_price, tax)
dall_price, dtax = mul_tax.backward(1)
dapple_price, dorange_price = add_fruit.backward(dall_price)
dorange, dorange_num = mul_orange.backward(dorange_price)
dapple, dapple_num = mul_apple.backward(dapple_price)
oranges = {"price": price, "dapple_num": dapple_num, "dapple": dapple}
oranges |= {"dorange": dorange, "dorange_num": dorange_num, "dtax": dtax}


def draw(figures):
    return figures.shopping(run.caption, apples, oranges)


found = {f"apples: {name}": value for name, value in apples.items()}
sys.exit(run.finish(found | {f"and oranges: {name}": value for name, value in oranges.items()}, draw=draw))
