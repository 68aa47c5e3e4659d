"""Pretrains every night through spark-submit. Put it into Airflow's dags folder.

Needs apache-airflow-providers-apache-spark 4.8 or newer, and a connection "spark" whose host and
port are the master. A restart of the scheduler loses nothing: a task that was lost is retried, and
the same command goes on with the unfinished run from its last checkpoint.
"""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

HOME = "/opt/simclr-spark"

with DAG(
    dag_id="simclr_pretraining",
    schedule="0 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    # A second run of the DAG waits; a sibling that trains already makes the command end with 75.
    max_active_runs=1,
    default_args={
        "retries": 10,
        "retry_delay": timedelta(minutes=5),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(hours=1),
    },
) as dag:
    pretrain = SparkSubmitOperator(
        task_id="pretrain",
        conn_id="spark",
        name="simclr pretrain",
        application=f"{HOME}/driver/target/app/driver-0.1.0-SNAPSHOT.jar",
        java_class="org.simclrspark.driver.cli.Main",
        # On YARN in cluster mode, Airflow 3.3 and newer also need yarn_track_via_rm_api=True.
        deploy_mode="client",
        jars=f"{HOME}/driver/target/app/*.jar",
        driver_class_path=f"{HOME}/driver/target/app/*",
        # Settings of Spark, keys of storage among them: a file that the worker's user alone reads.
        properties_file="/etc/simclr/spark.conf",
        application_args=[
            "pretrain",
            "--conf",
            "/etc/simclr/my.conf",
            "--run",
            "hdfs:///runs/{date}",
            # The same in a retry after midnight. A run that something else triggers has no logical date.
            "--date",
            "{{ (dag_run.logical_date or dag_run.run_after) | ds }}",
            "--if-changed",
        ],
        conf={"spark.driver.extraJavaOptions": "--add-modules=jdk.incubator.vector"},
    )
