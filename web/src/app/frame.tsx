import { Suspense, useEffect, useRef } from "react";
import { Outlet, useLocation } from "react-router";
import { Loading, Skeleton } from "../look/skeleton.tsx";
import { Banners } from "../shell/banners.tsx";
import { Header } from "../shell/header.tsx";

/** What stands around every screen. */
export function Frame() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    main.current?.focus({ preventScroll: true }); // who listens hears the new screen from its beginning
    window.scrollTo(0, 0);
  }, [pathname]);
  return (
    <div className="flex min-h-dvh flex-col desk:flex-row desk:items-start">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-plain focus:bg-accent focus:px-4 focus:py-2 focus:text-on-accent"
      >
        To the content
      </a>
      <Header />
      <div className="flex min-w-0 flex-1 flex-col desk:min-h-dvh">
        <Banners />
        <main ref={main} id="main" tabIndex={-1} className="flex flex-1 flex-col outline-none">
          <Suspense fallback={<ScreenLoading />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
    </div>
  );
}

function ScreenLoading() {
  return (
    <div className="p-4 desk:p-8">
      <Loading label="Loading the screen">
        <Skeleton className="h-9 w-40" />
      </Loading>
    </div>
  );
}
