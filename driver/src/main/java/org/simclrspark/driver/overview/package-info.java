/** What people see of runs from outside: the report of one or of several, and the list of all. */
package org.simclrspark.driver.overview;
