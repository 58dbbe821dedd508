function [W1, W2] = BackpropXOR(W1, W2, X, D)
  alpha = 0.9;
  for k = 1:size(X, 1)
    x = X(k, :)';
    d = D(k);
    y1 = Sigmoid(W1*x);
    y = Sigmoid(W2*y1);
    e = d - y;
    delta = y.*(1 - y).*e;
    W2 = W2 + alpha*delta*y1';
    e1 = W2'*delta;
    delta1 = y1.*(1 - y1).*e1;
    W1 = W1 + alpha*delta1*x';
  end
end
