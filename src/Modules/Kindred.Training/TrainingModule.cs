using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Scheduling;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Kindred.Training.Models;
using Kindred.Training.Processes;
using Kindred.Training.Runs;
using Kindred.Training.Schedule;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Training;

/// <summary>Runs, their schedule and gate, and the model head.</summary>
public static class TrainingModule
{
    /// <summary>Registers the store, the head and what a run needs; enough for <c>kindred train</c> and for serving.</summary>
    public static IServiceCollection AddTraining(this IServiceCollection services, TrainingSettings settings)
    {
        services.AddValidation();
        services.AddSingleton(settings);
        services.AddMigrations("training", typeof(TrainingModule).Assembly);
        services.AddSingleton<TrainingStore>();
        services.AddSingleton<IModelHeads>(provider => provider.GetRequiredService<TrainingStore>());
        services.AddSingleton<TrainRun>();
        services.AddSingleton(provider => new TrainingEntry(
            provider.GetRequiredService<TrainingStore>(),
            provider.GetRequiredService<TrainRun>(),
            provider.GetRequiredService<IEventReader>(),
            provider.GetRequiredService<IItemReader>(),
            provider.GetRequiredService<CollectionRegistry>(),
            provider.GetRequiredService<TrainingSettings>()));
        return services;
    }

    /// <summary>Registers a nightly run of each of these collections.</summary>
    public static IServiceCollection AddTrainingNights(this IServiceCollection services, IEnumerable<string> collections)
    {
        foreach (var collection in collections)
        {
            services.AddSingleton<IScheduledJob>(provider => new TrainNightly(
                collection, provider.GetRequiredService<TrainingStore>(), provider.GetRequiredService<IEventReader>, provider.GetRequiredService<CollectionRegistry>(), provider.GetRequiredService<TrainingSettings>()));
        }

        return services;
    }

    /// <summary>Registers the schedule, which starts runs in processes of their own.</summary>
    /// <param name="services">The services.</param>
    /// <param name="fileName">The executable that understands <c>--run ID --token TOKEN</c>.</param>
    /// <param name="arguments">Its arguments before those.</param>
    /// <param name="input">One line written to its standard input: the settings.</param>
    public static IServiceCollection AddTrainingSchedule(this IServiceCollection services, string fileName, IReadOnlyList<string> arguments, string input)
    {
        services.AddSingleton(new TrainerProgram(fileName, arguments, input));
        services.AddSingleton<TrainingProcess>();
        services.AddSingleton<TrainingScheduler>();
        services.AddHostedService(provider => provider.GetRequiredService<TrainingScheduler>());
        return services;
    }

    /// <summary>Maps the routes below a collection.</summary>
    public static void MapTraining(this RouteGroupBuilder group)
    {
        group.MapGet("/models", ModelRoutes.List).RequireScope(Scopes.RecommendationsRead).WithSummary("The live models, how good they are, and what was live before");
        group.MapPost("/models:rollback", ModelRoutes.RollBack).RequireScope(Scopes.Admin).WithSummary("Make the bundle before the live one live again");
        group.MapPost("/runs", RunRoutes.Start).RequireScope(Scopes.Admin).WithSummary("Train now");
        group.MapGet("/runs", RunRoutes.List).RequireScope(Scopes.RecommendationsRead).WithSummary("Training runs, newest first");
        group.MapGet("/runs/{id}", RunRoutes.Get).RequireScope(Scopes.RecommendationsRead).DisableRequestTimeout().WithSummary("One run; its progress as server-sent events where accepted");
        group.MapPost("/runs/{id}:cancel", RunRoutes.Cancel).RequireScope(Scopes.Admin).WithSummary("Stop a run");
    }
}
