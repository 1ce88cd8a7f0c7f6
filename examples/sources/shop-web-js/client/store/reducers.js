import { Money } from "../money.js";

export const initial = { page: "home", credit: Money.zero() };

const reducers = {
  page: (state, { page }) => ({ ...state, page }),
  credit(state, { cents }) {
    return { ...state, credit: state.credit.plus(new Money(cents)) };
  },
};

export function reduce(state = initial, action) {
  switch (action.type) {
    case "page":
    case "credit":
      return reducers[action.type](state, action);
    case "reset":
      return initial;
    default:
      return state;
  }
}
