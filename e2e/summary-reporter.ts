// The last line of a run: `N passed, N failed`, with `, N skipped` where a third-party model was absent.
import type { FullResult, Reporter, Suite } from 'playwright/types/testReporter';

export default class SummaryReporter implements Reporter {
  private suite: Suite | undefined;
  private errors = 0;
  private summary = '';

  onBegin(_config: unknown, suite: Suite): void {
    this.suite = suite;
  }

  // Errors outside any test: a file that cannot be loaded, a forbidden test.only.
  onError(): void {
    this.errors++;
  }

  onEnd({ status }: FullResult): void {
    const tests = this.suite?.allTests() ?? [];
    const passed = tests.filter((test) => ['expected', 'flaky'].includes(test.outcome())).length;
    // Playwright also calls a test skipped that could not run, or not to its end, because something else failed.
    const skipped = tests.filter((test) => test.expectedStatus === 'skipped').length;
    const failed = tests.length - passed - skipped + this.errors;
    // A run without tests, or one cut short, has failed too.
    this.summary = `${passed} passed, ${status === 'passed' ? failed : Math.max(failed, 1)} failed`;
    if (skipped > 0) this.summary += `, ${skipped} skipped`;
  }

  // After the other reporters have had their say.
  async onExit(): Promise<void> {
    console.log(this.summary);
  }

  printsToStdio(): boolean {
    return true;
  }
}
