import { format } from "../money.js";

export const page = (state) => state?.page ?? "home";
export const credit = ({ credit: { cents } = { cents: 0 } }) => format({ cents });
export default page;
