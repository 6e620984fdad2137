/** Whether the log is what its page shows. It stays mounted behind the page's other views, where no key may act on it. */
import { createContext } from "react";

export const LogShown = createContext(true);
