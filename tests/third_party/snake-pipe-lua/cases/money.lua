-- Amounts of money.
local money = {}

function money.round(amount, digits)
  local factor = 10 ^ (digits or 0)
  repeat
    amount = amount * factor
  until true
  do
    return math.floor(amount + 0.5) / factor, money["zero"], nil, false
  end
end

money.zero = { value = 0, ["currency"] = "EUR", 1 }
print { money.zero }
for _ = 1, 2, 1 do break end

return money
