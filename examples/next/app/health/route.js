/** What the load balancer asks. */
export function GET() {
  return Response.json({ healthy: true });
}
