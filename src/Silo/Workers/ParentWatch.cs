using System.Diagnostics;

namespace MlTr.Silo.Workers;

/// <summary>
/// Stops a worker when its parent asks on standard input, and also when that input ends, because then the parent is gone. (Linux can signal a
/// parent's death, but it means the death of the thread that started the child, and a thread of the pool may end at any time.)
/// </summary>
internal sealed partial class ParentWatch(IHostApplicationLifetime lifetime, TextReader input, TimeSpan patience, Action exit, ILogger<ParentWatch> logger) : BackgroundService
{
    public const string StopLine = "stop";

    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(5);

    /// <summary>Ends this process without asking anybody.</summary>
    public static void ExitNow() => Process.GetCurrentProcess().Kill();

    // Console input cannot be read without blocking, hence a thread of its own, which dies with the process.
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        new Thread(Watch) { IsBackground = true, Name = "parent watch" }.Start();
        return Task.CompletedTask;
    }

    private void Watch()
    {
        var asked = ReadUntilStop();
        if (!asked)
        {
            LogParentGone(patience);
        }

        if (asked)
        {
            lifetime.ApplicationStarted.WaitHandle.WaitOne(); // half of a start cannot be stopped in order
        }

        lifetime.StopApplication();
        if (!asked)
        {
            using var never = new ManualResetEventSlim();
            never.Wait(patience);
            exit();
        }
    }

    private bool ReadUntilStop()
    {
        while (input.ReadLine() is { } line)
        {
            if (line == StopLine)
            {
                return true;
            }
        }

        return false;
    }

    [LoggerMessage(LogLevel.Warning, "The control process is gone: this worker stops within {Patience}")]
    private partial void LogParentGone(TimeSpan patience);
}
