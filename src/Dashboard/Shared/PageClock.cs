namespace MlTr.Dashboard.Shared;

/// <summary>One second hand for all the ages and durations on a page.</summary>
internal sealed class PageClock : IDisposable
{
    private readonly TimeProvider time;
    private readonly ITimer timer;

    public PageClock(TimeProvider time)
    {
        this.time = time;
        var second = TimeSpan.FromSeconds(1);
        timer = time.CreateTimer(_ => Ticked?.Invoke(), null, second, second);
    }

    public event Action? Ticked;

    public DateTimeOffset Now => time.GetUtcNow();

    public void Dispose() => timer.Dispose();
}
