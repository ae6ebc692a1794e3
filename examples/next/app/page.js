import { hostname } from 'node:os';

// Rendered anew for every visitor, on whichever task the load balancer chose.
export const dynamic = 'force-dynamic';

export default function Page() {
  return (
    <main>
      <h1>Rendered by {hostname()}</h1>
      <p>At {new Date().toISOString()}</p>
      <p>Version {process.env.VERSION ?? '1'}</p>
      <a href="/items/42">An item</a>
    </main>
  );
}
