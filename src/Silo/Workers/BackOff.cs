namespace MlTr.Silo.Workers;

/// <summary>How long to wait before a worker is started again: doubles with each exit, and starts over after a worker has lived for a while.</summary>
internal sealed class BackOff
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Stable = TimeSpan.FromMinutes(1);

    private TimeSpan _next = First;

    /// <summary>The wait after a process that lived so long.</summary>
    public TimeSpan After(TimeSpan lifetime)
    {
        if (lifetime >= Stable)
        {
            _next = First;
        }

        var wait = _next;
        _next = wait * 2 < Longest ? wait * 2 : Longest;
        return wait;
    }
}
