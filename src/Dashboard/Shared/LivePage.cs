using Microsoft.AspNetCore.Components;

namespace MlTr.Dashboard.Shared;

/// <summary>
/// A page that loads and then follows a stream. It shows at once what it has loaded, and changes at most seven times a second; it says what failed,
/// tries again by itself once it has shown something, and lets go of its subscription when it is left.
/// </summary>
public abstract class LivePage : ComponentBase, IAsyncDisposable
{
    private static readonly TimeSpan RenderEvery = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(3);

    private CancellationTokenSource? life;
    private object? followed;
    private bool rendering;
    private bool renderAgain;
    private bool disposed;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    /// <summary>What went wrong last, until it works again.</summary>
    protected Exception? Failure { get; private set; }

    /// <summary>True once there is something to show.</summary>
    protected bool Loaded { get; private set; }

    protected bool NotFound => !Loaded && Failure is KeyNotFoundException;

    /// <summary>What is followed; when it changes, the page starts over.</summary>
    protected virtual object FollowedKey => GetType();

    /// <summary>Loads, calls <see cref="ShowLoaded"/>, and follows until cancelled.</summary>
    protected abstract Task FollowAsync(CancellationToken cancellationToken);

    /// <summary>Forgets the thing that was shown before.</summary>
    protected virtual void Reset()
    {
    }

    protected override async Task OnParametersSetAsync()
    {
        if (!Equals(followed, FollowedKey))
        {
            followed = FollowedKey;
            await RestartAsync();
        }
    }

    protected async Task RestartAsync()
    {
        await StopAsync();
        (Loaded, Failure) = (false, null);
        Reset();
        life = new CancellationTokenSource();
        _ = RunAsync(life.Token);
    }

    /// <summary>Follows something that the page loads beside its stream: if it fails, the page begins again, and says what failed if that does not help.</summary>
    protected async Task RestartIfItFailsAsync(Task loading)
    {
        await loading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (loading.IsFaulted && !disposed)
        {
            await RestartAsync();
        }
    }

    protected void ShowLoaded()
    {
        var first = !Loaded;
        (Loaded, Failure) = (true, null);
        if (first)
        {
            RenderAtOnce();
        }
        else
        {
            RequestRender();
        }
    }

    /// <summary>Opens the stream, loads, then applies what the stream brings: so nothing between the two is missed.</summary>
    protected static async Task FollowAsync<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> watch, Func<Task> load, Func<T, Task> apply, CancellationToken cancellationToken)
    {
        using var open = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = watch(open.Token).GetAsyncEnumerator(open.Token);
        var next = events.MoveNextAsync().AsTask();
        try
        {
            await load();
            while (await next)
            {
                await apply(events.Current);
                next = events.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            await open.CancelAsync(); // a stream must not be disposed while it is waited for
            await next.ContinueWith(ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            await events.DisposeAsync();
        }
    }

    protected void RequestRender()
    {
        renderAgain = true;
        if (!rendering && !disposed)
        {
            rendering = true;
            _ = RenderAsync();
        }
    }

    /// <summary>Shows what the reader waits for: it does not wait for the time in which changes are gathered.</summary>
    protected void RenderAtOnce()
    {
        if (rendering && !disposed)
        {
            renderAgain = false;
            _ = InvokeAsync(StateHasChanged);
        }
        else
        {
            RequestRender();
        }
    }

    private async Task RenderAsync()
    {
        while (renderAgain && !disposed)
        {
            renderAgain = false;
            await InvokeAsync(StateHasChanged);
            await Task.Delay(RenderEvery, Time);
        }

        rendering = false;
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(cancellationToken);
                return; // the stream has ended: what it followed can no longer change
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Failure = failure;
                RequestRender();
                if (!Loaded)
                {
                    return; // the page offers to try again
                }
            }

            await Task.Delay(RetryAfter, Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private async Task StopAsync()
    {
        if (life is not null)
        {
            await life.CancelAsync();
            life.Dispose();
            life = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        disposed = true;
        await StopAsync();
        GC.SuppressFinalize(this);
    }
}
